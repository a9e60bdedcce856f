"""Read text of beamlines: XDI, columns with a header, and Athena projects."""

"""Read SPEC files: scans as columns, and spectra of multichannel analysers."""

"""Read HDF5 files: links followed by us, nothing absent shown as zeros."""

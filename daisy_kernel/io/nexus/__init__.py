"""What NeXus and Data Exchange say about the content of an HDF5 file."""

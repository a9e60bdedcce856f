"""Read Zarr stores, versions 2 and 3, that lie in a folder."""

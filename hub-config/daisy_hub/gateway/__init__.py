"""Dask-Gateway for DAISY: who may ask, how much, where clusters run."""

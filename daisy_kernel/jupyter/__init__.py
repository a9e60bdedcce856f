"""The DAISY kernel: IPython with `daisy` at hand and plots that need no internet."""

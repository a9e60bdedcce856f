"""Reading and writing, measured against plain h5py, tifffile, hidefix and the machine.

`python -m bench.io` measures; `tests/bench/test_io.py` runs the same bodies, untimed.
"""

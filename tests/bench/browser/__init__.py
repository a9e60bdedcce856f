"""The data browser, measured beside jupyterlab-h5web on the same files.

`python -m bench.browser` measures in Debian's Chromium;
`tests/bench/test_browser.py` runs the same bodies, small and without the peer.
"""

"""What happens when a DAISY kernel starts."""

from __future__ import annotations

import os
from pathlib import Path


def start() -> None:
    """Run a kernel whose namespace has `daisy`."""
    prepare_environment()
    from ipykernel.kernelapp import IPKernelApp

    # importing the package costs nothing: its names are loaded on first use
    lines = ["import daisy_kernel as daisy"]
    IPKernelApp.launch_instance(exec_lines=lines)


def prepare_environment() -> None:
    """Make holoviews and bokeh embed their scripts instead of fetching them."""
    rc = Path(__file__).with_name("offline_plots.py")
    os.environ.setdefault("HOLOVIEWSRC", str(rc))
    # panel names style sheets on its CDN in every plot, also when all else is inline.
    # As data addresses they ask nobody; // makes the rest of the address a comment,
    # since one of them is a script. Figures look the same.
    os.environ.setdefault("PANEL_CDN_ROOT", "data:text/css,//")

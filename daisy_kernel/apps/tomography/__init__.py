"""Parallel-beam tomography, from projections to slices.

Conventions: projections are (angle, row, column), volumes (z, y, x). z is the
detector row. At angle t a point (x, y) falls on column
``axis + x cos t + y sin t``; pixel centres are at integers; the axis is in the
middle of a slice. A scanner that turns the other way gives mirrored slices: negate
its angles.
"""

from daisy_kernel.apps.tomography.axis import (
    axis_from_pair,
    axis_from_slices,
    find_axis,
)
from daisy_kernel.apps.tomography.correction import (
    bad_pixels,
    fill_bad_pixels,
    minus_log,
    normalize,
)
from daisy_kernel.apps.tomography.layouts import load
from daisy_kernel.apps.tomography.reconstruction import reconstruct
from daisy_kernel.apps.tomography.scan import FrameKind, References, TomographyScan
from daisy_kernel.apps.tomography.workflow import slices
from daisy_kernel.native import fbp
from daisy_kernel.native import remove_stripes as remove_rings

__all__ = [
    "FrameKind",
    "References",
    "TomographyScan",
    "axis_from_pair",
    "axis_from_slices",
    "bad_pixels",
    "fbp",
    "fill_bad_pixels",
    "find_axis",
    "load",
    "minus_log",
    "normalize",
    "reconstruct",
    "remove_rings",
    "slices",
]

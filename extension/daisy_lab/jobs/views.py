"""How a dataset is shown first, and along which of its axes: what NeXus says of it.

In this order: `interpretation` of the signal, the names of its axes, its shape.
"""

import re

from daisy_kernel.model import Dataset
from daisy_lab.jobs.values import Json, plain

IMAGE_AXES = 2
MAP_AXES = 3
# a stack of full detector frames over energy is looked at frame by frame
SMALL_STACK = 2**26  # bytes

_SPECTRAL = re.compile(
    r"energ|channel|wavelength|wavenumber|time_of_flight|^tof$|^mca$|^ev$|^kev$", re.I
)
_ACROSS = re.compile(r"(^|_)x($|_)|horizontal|column", re.I)
_DOWN = re.compile(r"(^|_)y($|_)|vertical|row|line", re.I)


def view_of(dataset: Dataset) -> Json:
    """Say how a dataset is drawn first.

    Returns
    -------
    :
        `plot`: image, map, line or text; `picture`: the axes of rows and of
        columns; `spectral`: the axis of energies or channels, None without one.
    """
    spectral = spectral_axis(dataset)
    kind = _kind(dataset, spectral)
    return {
        "plot": kind,
        "picture": _picture(dataset, spectral if kind == "map" else None),
        "spectral": spectral,
    }


def spectral_axis(dataset: Dataset) -> int | None:
    """Find the axis along which each point of a scan has a spectrum."""
    if dataset.dtype.kind not in "biufc" or dataset.ndim < IMAGE_AXES:
        return None
    if _interpretation(dataset) == "spectrum":
        return dataset.ndim - 1
    for axis in reversed(range(dataset.ndim)):
        if _SPECTRAL.search((dataset.axes[axis] or "").rpartition("/")[2]):
            return axis
    return None


def _kind(dataset: Dataset, spectral: int | None) -> str:
    if dataset.dtype.kind not in "biufc" or not dataset.shape:
        return "text"
    if dataset.ndim == 1:
        return "line" if dataset.size > 1 else "text"
    if _is_map(dataset, spectral):
        return "map"
    if _interpretation(dataset) == "spectrum":
        return "line"
    # rows or columns of length 1 are a line, whatever the name
    if 1 in dataset.shape[-IMAGE_AXES:]:
        return "line" if dataset.shape[-1] > 1 else "text"
    return "image"


def _is_map(dataset: Dataset, spectral: int | None) -> bool:
    if spectral is None or dataset.ndim < MAP_AXES or dataset.shape[spectral] < 2:  # noqa: PLR2004
        return False
    if _interpretation(dataset) == "image":
        return False
    return spectral == dataset.ndim - 1 or dataset.nbytes <= SMALL_STACK


def _picture(dataset: Dataset, spectral: int | None) -> list[int]:
    """Choose rows and columns: the last axes, x across and y down where named so."""
    rest = [axis for axis in range(dataset.ndim) if axis != spectral]
    if _interpretation(dataset).startswith("rgb"):
        rest.pop()  # the last axis is that of the colours
    chosen = rest[-IMAGE_AXES:]
    if len(chosen) < IMAGE_AXES:
        return []
    first, second = ((dataset.axes[axis] or "") for axis in chosen)
    turned = _ACROSS.search(first) and _DOWN.search(second)
    return chosen[::-1] if spectral is not None and turned else chosen


def _interpretation(dataset: Dataset) -> str:
    return str(plain(dataset.attrs.get("interpretation", "")) or "")

"""Pixels that are no counts, or too many of them: masked, without data, saturated.

The same rules as for a tile: 2**32 - 1 and 2**64 - 1 of unsigned integers, -1 and -2
of signed ones that hold nothing below, NaN and infinity, what the file declares, and
what the detector's pixel_mask says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.model import Dataset, Scan
from daisy_kernel.model.errors import DaisyError
from daisy_lab.jobs.cuts import Cut

Mask = npt.NDArray[np.bool_]

KEPT = 4  # detectors remembered by a reader process; a mask may take 16 MB
MOST_DETECTORS = 50
FRAME_AXES = 2
MARKS = (-1, -2)
WIDE = 4  # bytes; narrower unsigned integers count up to their end

_known: dict[tuple[str, int, int, str], "Detector"] = {}


@dataclass(frozen=True)
class Detector:
    """What a file says of the detector behind a dataset.

    Parameters
    ----------
    mask
        Pixels that are no data, shape (row, column); None where the file has none.
    saturation
        The largest count that is still right, None where the file does not say.
    """

    mask: Mask | None = None
    saturation: float | None = None


def detector_of(scan: Scan, dataset: Dataset) -> Detector:
    """Find pixel_mask and saturation_value, and remember them for the next frame."""
    stat = Path(scan.path).stat()
    key = (scan.path, stat.st_mtime_ns, stat.st_size, dataset.path)
    found = _known.pop(key, None)
    if found is None:
        found = Detector(_mask(scan, dataset), _saturation(scan, dataset))
    _known[key] = found
    while len(_known) > KEPT:
        _known.pop(next(iter(_known)))
    return found


def _mask(scan: Scan, dataset: Dataset) -> Mask | None:
    found = scan.pixel_mask(dataset)
    if found is None or found.dtype.kind not in "biu":
        return None
    try:
        mask: Mask = found.read() != 0
    except DaisyError:
        return None
    return mask if mask.any() else None


def _saturation(scan: Scan, dataset: Dataset) -> float | None:
    for place in detector_groups(scan, dataset):
        found = scan.get(f"{place}/saturation_value".lstrip("/"))
        if isinstance(found, Dataset) and found.size == 1 and found.dtype.kind in "iuf":
            return float(found.read().reshape(-1)[0])
    return None


def detector_groups(scan: Scan, dataset: Dataset) -> Iterator[str]:
    """Name the groups that may describe the detector of a dataset, nearest first."""
    yield dataset.path.rpartition("/")[0]
    instrument = scan.get(f"{dataset.path.partition('/')[0]}/instrument")
    if instrument is None or isinstance(instrument, Dataset):
        return
    for child in instrument.children(limit=MOST_DETECTORS).items:
        if child.kind == "group":
            yield child.path
            yield f"{child.path}/detectorSpecific"


def masked(detector: Detector, cut: Cut, shape: tuple[int, ...]) -> Mask | None:
    """Give the detector's mask for the pixels of a cut, None where it has none.

    Parameters
    ----------
    shape
        Of what was read of the cut.
    """
    return None if detector.mask is None else of_frame(detector.mask, cut, shape)


def of_frame(values: npt.NDArray[Any], cut: Cut, shape: tuple[int, ...]) -> Any:
    """Give what belongs to each pixel of a frame for the pixels of a cut.

    Parameters
    ----------
    values
        Shape (row, column) of a frame, which are the last axes of a dataset.
    shape
        Of what was read of the cut.

    Returns
    -------
    :
        An array of *shape*; None where rows or columns are added up.
    """
    frame_axes = range(cut.dataset.ndim - FRAME_AXES, cut.dataset.ndim)
    if any(axis in frame_axes for axis, *_ in cut.summed):
        return None
    part = values[cut.selection[-FRAME_AXES:]]
    kept = [axis for axis in cut.axes if axis in frame_axes]
    if kept != sorted(kept):
        part = part.T
    for place, axis in enumerate(cut.axes):
        if axis not in frame_axes:
            part = np.expand_dims(part, place)
    return np.broadcast_to(part, shape)


def good_pixels(
    detector: Detector, cut: Cut, frame: np.ma.MaskedArray[Any, Any], computed: bool
) -> Mask:
    """Tell which pixels are data: neither masked, nor marked, nor missing."""
    # what is computed has left out the marks of single frames
    declared = () if computed else cut.dataset.invalid
    bad = without_data(frame.data, declared) | np.ma.getmaskarray(frame)
    mask = masked(detector, cut, frame.shape)
    good: Mask = ~bad if mask is None else ~(bad | mask)
    return good


def without_data(values: npt.NDArray[Any], declared: tuple[float, ...] = ()) -> Mask:
    """Tell which numbers are marks of a detector and no counts.

    Parameters
    ----------
    declared
        Values that the file says are no data.
    """
    kind, dtype = values.dtype.kind, values.dtype
    if kind in "fc":
        bad: Mask = ~np.isfinite(values)
    elif kind == "u" and dtype.itemsize >= WIDE:
        bad = values == np.iinfo(dtype).max
    elif kind == "i" and dtype.itemsize > 1 and values.size and values.min() in MARKS:
        bad = values < 0
    else:
        bad = np.zeros(values.shape, np.bool_)
    return bad | np.isin(values, declared) if declared else bad


def saturated_from(dtype: np.dtype[Any], limit: float | None) -> float | None:
    """Give the smallest value that is too many counts; None where none is.

    Parameters
    ----------
    dtype
        Type in the file: the largest value of an integer is the end of a counter,
        unless that value means that there is no data.
    limit
        The detector's saturation_value: what is above it is saturated.
    """
    if dtype.kind not in "iuf":
        return None
    ends = [] if limit is None else [float(np.nextafter(limit, np.inf))]
    if dtype.kind == "i" or (dtype.kind == "u" and dtype.itemsize < WIDE):
        ends.append(float(np.iinfo(dtype).max))
    return min(ends, default=None)

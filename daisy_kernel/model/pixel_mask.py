"""The mask of a detector: which pixels are no data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daisy_kernel.model.dataset import Dataset

if TYPE_CHECKING:
    from daisy_kernel.model.scan import Scan

_IMAGE = 2
_MOST_DETECTORS = 50


def pixel_mask(scan: Scan, signal: Dataset) -> Dataset | None:
    """Find the mask that belongs to a signal.

    It is looked for beside the signal and then in the detectors of its entry, where
    NXdetector and Dectris files have it, and must have the shape of a frame.

    Returns
    -------
    :
        Shape (row, column), whole numbers as NXdetector defines them: 0 is a good
        pixel, bit 0 a gap, bit 1 dead, bit 2 cold, bit 3 hot, bit 4 noisy. None where
        the file has none.
    """
    if len(signal.shape) < _IMAGE:
        return None
    for path in _places(scan, signal):
        found = scan.get(path)
        if isinstance(found, Dataset) and found.shape == signal.shape[-_IMAGE:]:
            return found
    return None


def _places(scan: Scan, signal: Dataset) -> Iterator[str]:
    beside = signal.path.rpartition("/")[0]
    yield f"{beside}/pixel_mask".lstrip("/")
    entry = signal.path.partition("/")[0]
    instrument = scan.get(f"{entry}/instrument")
    if instrument is None or isinstance(instrument, Dataset):
        return
    for child in instrument.children(limit=_MOST_DETECTORS):
        if child.kind == "group":
            yield f"{child.path}/pixel_mask"
            yield f"{child.path}/detectorSpecific/pixel_mask"

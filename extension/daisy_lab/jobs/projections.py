"""Projections of a stack, kept for the next contrast, zoom, pixel and region."""

from pathlib import Path
from typing import Any

import numpy as np

from daisy_lab.jobs.cuts import Cut

Frame = np.ma.MaskedArray[Any, Any]

KEPT = 2  # projections remembered by a reader process
LARGEST = 2**27  # bytes of one that is remembered

_known: dict[tuple[Any, ...], Frame] = {}


def read_frame(cut: Cut) -> Frame:
    """Read what a cut shows; what took a whole stack is not read twice.

    A stack of more than 2 GiB is thinned: see `Cut.bounded`.
    """
    cut = cut.bounded()
    if not cut.summed:
        return cut.read()
    key = _key(cut)
    found = _known.pop(key, None)
    if found is None:
        found = cut.read()
    if found.nbytes <= LARGEST:
        _known[key] = found
    while len(_known) > KEPT:
        _known.pop(next(iter(_known)))
    return found


def _key(cut: Cut) -> tuple[Any, ...]:
    stat = Path(cut.dataset.file).stat()
    identity = (cut.dataset.file, stat.st_ino, stat.st_mtime_ns, stat.st_size)
    parts = tuple(str(part) for part in cut.selection)
    return (*identity, cut.dataset.path, parts, cut.axes, cut.how)

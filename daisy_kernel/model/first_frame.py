"""Which frame of a stack to show first: the one that tells most at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daisy_kernel.model.dataset import Dataset

if TYPE_CHECKING:
    from daisy_kernel.model.scan import Scan

STACK_AXES = 3
PROJECTION = 0  # NXtomo image_key: 1 is a flat field, 2 a dark field, 3 invalid
MAX_KEYS = 1_000_000


def first_frame(scan: Scan, signal: Dataset) -> int:
    """Choose the frame of a stack to begin with.

    A tomography scan begins with darks and flats, which show nothing of the sample:
    the first projection by `image_key`. A volume begins at its edge: the middle slice.
    Anything else begins with its first frame.

    Returns
    -------
    :
        Index on the first axis; 0 where *signal* has fewer than three axes.
    """
    if len(signal.shape) < STACK_AXES or not signal.shape[0]:
        return 0
    if signal.axes and signal.axes[0] == "z":
        return signal.shape[0] // 2
    parent = signal.path.rpartition("/")[0]
    key = scan.get(f"{parent}/image_key")
    if isinstance(key, Dataset) and key.shape == signal.shape[:1]:
        return _first_projection(key)
    return 0


def _first_projection(key: Dataset) -> int:
    if key.shape[0] > MAX_KEYS or key.dtype.kind not in "iu":
        return 0
    found = np.flatnonzero(key.read() == PROJECTION)
    return int(found[0]) if found.size else 0

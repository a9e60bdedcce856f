"""A small picture of a result: its middle slice, or its curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from daisy_kernel.model import DataObject
from daisy_kernel.model.png import encode
from daisy_kernel.native import tile

SIDE, THUMBNAIL_SIDE = 480, 96  # most rows and columns
_FRAME = 2
_PAPER, _INK = 255, 40


def picture_of(found: DataObject, side: int = SIDE) -> bytes:
    """Give a PNG of so many rows and columns at most; b"" of what cannot be drawn."""
    if 0 in found.shape or found.ndim == 0 or found.dtype.kind not in "biuf":
        return b""
    middle = tuple(n // 2 for n in found.shape[: max(0, found.ndim - _FRAME)])
    part = found.read(middle) if middle else found.read()
    if part.ndim == 1:
        return encode(_curve(np.asarray(part, np.float64), side))
    frame = np.ascontiguousarray(part)
    frame = frame.astype(np.uint8) if frame.dtype.kind == "b" else frame
    return encode(tile(frame, max_shape=(side, side)).data)


def _curve(values: Any, columns: int) -> Any:
    """Draw a curve dark on white, from the lowest to the highest value."""
    rows = columns * 3 // 8
    grey = np.full((rows, columns), _PAPER, np.uint8)
    good = np.isfinite(values)
    if not good.any():
        return grey
    at = np.linspace(0, len(values) - 1, columns)
    line = np.interp(at, np.flatnonzero(good), values[good])
    low, high = line.min(), line.max()
    place = (rows - 3 - (line - low) * (rows - 5) / ((high - low) or 1)).astype(int)
    before = np.concatenate([place[:1], place[:-1]])
    for column, (a, b) in enumerate(zip(before, place, strict=True)):
        grey[min(a, b) : max(a, b) + 2, column] = _INK
    return grey

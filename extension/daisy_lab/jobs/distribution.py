"""How often the values of a frame occur, for the handles of the contrast."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from daisy_lab.jobs.marks import without_data
from daisy_lab.jobs.values import Json

BINS = 128
LOOKED_AT = 2**16  # pixels; more would not change the look of the curve
TAIL = 0.5  # percent of the pixels left out at each end of the range
MARGIN = 0.4  # of the range, on both sides

Scale = Literal["linear", "log", "sqrt"]


def distribution(
    frame: npt.NDArray[Any], invalid: Any, lo: float, hi: float, scale: Scale
) -> Json:
    """Count values in equal steps of the scale, over more than the contrast.

    A few hot pixels do not make the range wide: it ends at the 0.5 and 99.5 percent
    points, or at the contrast where that is wider, and has a margin on both sides.

    Parameters
    ----------
    frame
        Shape (row, column). Of a large one every n-th row and column is taken.
    invalid
        Mask of the frame's shape, or values that are no data, or None.
    lo, hi
        The contrast, in the units of the frame.

    Returns
    -------
    :
        `lo` and `hi`, the ends of the range, and `counts`.
    """
    step = max(int(np.ceil(np.sqrt(frame.size / LOOKED_AT))), 1)
    some = frame[::step, ::step]
    if isinstance(invalid, np.ndarray):
        bad = without_data(some) | invalid[::step, ::step]
    else:
        bad = without_data(some, tuple(invalid or ()))
    values = some[~bad].astype(np.float64)
    if scale == "log":
        values = values[values > 0]
    ends = np.array([lo, hi])
    if values.size:
        ends = np.concatenate([ends, np.percentile(values, [TAIL, 100 - TAIL])])
    low, high = _widened(_scaled(ends, scale), scale)
    counts, _ = np.histogram(_scaled(values, scale), BINS, (low, high))
    first, last = _back(np.array([low, high]), scale)
    return {"lo": float(first), "hi": float(last), "counts": counts.tolist()}


def _widened(ends: npt.NDArray[np.float64], scale: Scale) -> tuple[float, float]:
    low, high = float(ends.min()), float(ends.max())
    margin = (high - low) * MARGIN or 0.5
    lowest = 0.0 if scale == "sqrt" else -np.inf
    return max(low - margin, lowest), high + margin


def _scaled(values: npt.NDArray[Any], scale: Scale) -> npt.NDArray[np.float64]:
    scaled: npt.NDArray[np.float64] = values
    if scale == "log":
        scaled = np.log10(values)
    elif scale == "sqrt":
        scaled = np.sqrt(np.maximum(values, 0))
    return scaled


def _back(values: npt.NDArray[Any], scale: Scale) -> npt.NDArray[np.float64]:
    plain: npt.NDArray[np.float64] = values
    if scale == "log":
        plain = np.power(10.0, values)
    elif scale == "sqrt":
        plain = values**2
    return plain

"""What every technique does with frames: dark, flat, mean, extremes."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.native import subtract_dark, sum_frames
from daisy_kernel.workflow import Data, algorithm

Floats = npt.NDArray[np.float32]
Same = Annotated[Floats, Data(units="same")]
Means = Annotated[npt.NDArray[np.float64], Data(units="same")]


@algorithm(pattern="point")
def subtract(frames: Floats, dark: Floats) -> Same:
    """Subtract the dark current.

    Parameters
    ----------
    frames
        Any shape; counts become float32 first, for they are unsigned.
    dark
        Of the frames' shape, or of that of one frame.
    """
    return subtract_dark(frames, dark)


@algorithm(pattern="point")
def divide(frames: Floats, flat: Floats) -> Annotated[Floats, Data(units="1")]:
    """Divide by the flat field.

    Parameters
    ----------
    frames
        Any shape.
    flat
        Of the frames' shape, or of that of one frame. Where it is 0, the result is
        infinite, or NaN.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = frames / flat
    return found


@algorithm(pattern="point", reduces=0, finish=lambda total, count: total / count)
def mean(frames: Floats) -> Means:
    """Average over the first axis, in double precision."""
    return sum_frames(frames)


@algorithm(pattern="point", reduces=0, combine="max")
def maximum(frames: Floats) -> Same:
    """Take the largest value along the first axis."""
    found: Any = frames.max(axis=0)
    return found  # type: ignore[no-any-return]


@algorithm(pattern="point", reduces=0, combine="min")
def minimum(frames: Floats) -> Same:
    """Take the smallest value along the first axis."""
    found: Any = frames.min(axis=0)
    return found  # type: ignore[no-any-return]

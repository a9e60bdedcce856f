"""Dark current subtracted from frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.native._core import subtract_into

_LARGEST = 4


def subtract_dark(
    frames: npt.NDArray[Any], dark: npt.NDArray[Any]
) -> npt.NDArray[np.float32]:
    """Subtract dark from frames, as float32.

    Parameters
    ----------
    frames
        Shape (frame, ...). Whole numbers, of which each frame is in one piece, are
        converted and subtracted in one pass by the core, whatever else by numpy; both
        give the same bits.
    dark
        Of the frames' shape, or of that of one frame.

    Returns
    -------
    :
        Of the frames' shape.
    """
    if not _is_simple(frames, dark):
        plain: npt.NDArray[np.float32] = frames.astype(np.float32, copy=False)
        return np.asarray(plain - dark, np.float32)
    out = np.empty(frames.shape, np.float32)
    flat = len(frames), dark.size
    subtract_into(frames.reshape(flat), dark.reshape(-1), out.reshape(flat))
    return out


def _is_simple(frames: npt.NDArray[Any], dark: npt.NDArray[Any]) -> bool:
    return (
        frames.dtype.kind in "ui"
        and frames.dtype.isnative
        and frames.dtype.itemsize <= _LARGEST
        and frames.shape[1:] == dark.shape != ()
        and dark.dtype == np.float32
        and dark.flags.c_contiguous
        and (len(frames) == 0 or frames[0].flags.c_contiguous)
        and frames.flags.aligned
    )

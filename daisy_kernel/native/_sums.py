"""Sums over frames in double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.native._core import sum_frames_into


def sum_frames(frames: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Add up along the first axis, in the order of the frames.

    Parameters
    ----------
    frames
        Shape (frame, ...). float32 in C order is added up by the core, whatever else
        by numpy; both give the same bits.

    Returns
    -------
    :
        Shape (...), float64.
    """
    if frames.dtype != np.float32 or not frames.flags.c_contiguous or frames.ndim < 2:  # noqa: PLR2004
        return np.asarray(frames.sum(axis=0, dtype=np.float64))
    total = np.empty(frames.shape[1:])
    sum_frames_into(frames.reshape(len(frames), total.size), total.reshape(-1))
    return total

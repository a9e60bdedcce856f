"""Rings of slices removed on the sinogram."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from daisy_kernel.native._arrays import plain_dtype
from daisy_kernel.native._core import remove_stripes_in


def remove_stripes(sinograms: npt.ArrayLike, size: int = 9) -> npt.NDArray[np.float32]:
    """Remove stripes by sorting.

    Parameters
    ----------
    sinograms
        Line integrals, shape (row, angle, column).
    size
        Width of the median in columns, odd. Wider takes wider stripes, and more of
        the object: 9 loses 1.5 % in the middle of a disk of 44 columns, 21 loses 11.

    Returns
    -------
    :
        A corrected copy, float32.

    References
    ----------
    Vo, Atwood, Drakopoulos, Optics Express 26 (2018) 28396, algorithm 3.
    """
    if size < 1 or size % 2 != 1:
        raise ValueError(f"size is {size}; it must be odd, like 9")
    data = plain_dtype(np.array(sinograms, np.float32, order="C", copy=True))
    if data.ndim != len(("row", "angle", "column")):
        raise ValueError(f"sinograms must be (row, angle, column), not {data.shape}")
    remove_stripes_in(data, size)
    return data

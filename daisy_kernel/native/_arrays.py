"""Arrays as the compiled core wants them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def plain_dtype(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give a view whose type names no byte order.

    Types that come from files say "<f4" even where that is the machine's own
    order, and the buffer protocol then says "<f", which the core does not take.
    """
    return array.view(np.dtype(array.dtype.str[1:]))

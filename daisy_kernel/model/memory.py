"""Memory for results, used again once nobody looks at it any more.

The first touch of fresh memory costs several times the copy into it. So large
results keep their memory alive here, and when the last array that shows it is gone,
the next result takes it over.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

# smaller results cost nothing worth saving; more than this is not kept
_SMALLEST, _MOST_KEPT = 1 << 20, 256 << 20
# references to a block that nobody looks at: the list, the variable, the call
_IDLE = 3

_kept: list[npt.NDArray[np.uint8]] = []
_more: list[int] = []
_lock = threading.Lock()


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Give an array as numpy.empty does, from memory that was touched before.

    Arrays and views keep their memory as always: it is taken over only when nothing
    refers to it any more.
    """
    nbytes = math.prod(shape) * dtype.itemsize
    if not _SMALLEST <= nbytes <= _MOST_KEPT or dtype.hasobject:
        return np.empty(shape, dtype)
    block = _take(nbytes)
    return block[:nbytes].view(dtype).reshape(shape)


@contextmanager
def keeping(nbytes: int) -> Iterator[None]:
    """Keep so many bytes more for a while, for what takes and leaves large results."""
    with _lock:
        _more.append(nbytes)
    try:
        yield
    finally:
        with _lock:
            _more.remove(nbytes)
            _let_go()


def _take(nbytes: int) -> npt.NDArray[np.uint8]:
    with _lock:
        for i in range(len(_kept)):
            block = _kept[i]
            fits = nbytes <= block.nbytes <= 2 * nbytes
            if fits and sys.getrefcount(block) <= _IDLE:
                _kept.append(_kept.pop(i))  # the least used ones come first
                return block
        made = np.empty(nbytes, np.uint8)
        _kept.append(made)
        _let_go()
        return made


def _let_go() -> None:
    """Forget the least used ones; whoever shows them keeps them alive."""
    most = _MOST_KEPT + sum(_more)
    while len(_kept) > 1 and sum(block.nbytes for block in _kept) > most:
        _kept.pop(0)

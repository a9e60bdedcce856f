"""Memory for results, used again once nobody looks at it any more.

The first touch of fresh memory costs several times the copy into it. So large
results keep their memory alive here, and when the last array that shows it is gone,
the next result takes it over.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

# smaller results cost nothing worth saving; more than this is not kept
_SMALLEST, _MOST_KEPT = 1 << 20, 256 << 20
# how long what a run has needed is kept for the next one
_LINGER_SECONDS = 30.0
# references to a block that nobody looks at: the list, the variable, the call
_IDLE = 3


class _Memory:
    """Blocks of memory, the least used ones first."""

    def __init__(self) -> None:
        self.kept: list[npt.NDArray[np.uint8]] = []
        self._lock = threading.Lock()
        self._more: list[int] = []
        self._most, self._left_at = 0, 0.0
        self._timer: threading.Timer | None = None

    def take(self, nbytes: int) -> npt.NDArray[np.uint8]:
        """Give a block that nobody looks at, or a new one."""
        with self._lock:
            for i in range(len(self.kept)):
                block = self.kept[i]
                fits = nbytes <= block.nbytes <= 2 * nbytes
                if fits and sys.getrefcount(block) <= _IDLE:
                    self.kept.append(self.kept.pop(i))
                    return block
            made = np.empty(nbytes, np.uint8)
            self.kept.append(made)
            self._let_go()
            return made

    @contextmanager
    def keeping(self, nbytes: int) -> Iterator[None]:
        """Keep more."""
        with self._lock:
            self._more.append(nbytes)
            self._most = max(self._most, sum(self._more))
        try:
            yield
        finally:
            with self._lock:
                self._more.remove(nbytes)
                self._left_at = time.monotonic()
                if self._timer is None:
                    self._forget_in(_LINGER_SECONDS)

    def _forget_in(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._forget)
        self._timer.daemon = True
        self._timer.start()

    def _forget(self) -> None:
        with self._lock:
            idle = 0.0 if self._more else time.monotonic() - self._left_at
            if idle < _LINGER_SECONDS:
                self._forget_in(_LINGER_SECONDS - idle)
                return
            self._timer, self._most = None, 0
            self._let_go()

    def _let_go(self) -> None:
        """Forget the least used ones; whoever shows them keeps them alive."""
        most = _MOST_KEPT + self._most
        while len(self.kept) > 1 and sum(block.nbytes for block in self.kept) > most:
            self.kept.pop(0)


_memory = _Memory()


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Give an array as numpy.empty does, from memory that was touched before.

    Arrays and views keep their memory as always: it is taken over only when nothing
    refers to it any more.
    """
    nbytes = math.prod(shape) * dtype.itemsize
    if not _SMALLEST <= nbytes <= _MOST_KEPT or dtype.hasobject:
        return np.empty(shape, dtype)
    return _memory.take(nbytes)[:nbytes].view(dtype).reshape(shape)


def keeping(nbytes: int) -> Any:
    """Keep so many bytes more while a run goes on, and a little longer for the next.

    Returns
    -------
    :
        A context.
    """
    return _memory.keeping(nbytes)

"""Threads that do tiles: one per processor, whatever the number of blocks at a time."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import TypeVar

from daisy_kernel.native import workers

Item = TypeVar("Item")
Result = TypeVar("Result")

# of malloc.h: from which size on blocks are mapped, and how much free memory is kept
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_LARGEST, _KEPT = 32 << 20, 128 << 20

_lock = threading.Lock()
_pools: dict[int, ThreadPoolExecutor] = {}


def in_order(
    function: Callable[[Item], Result], items: Sequence[Item]
) -> Iterator[Result]:
    """Do items side by side, and give the results in the order of the items.

    Neighbours are done one after the other in one thread: handing over each of them
    costs more than many are.
    """
    _keep_freed_memory()
    if len(items) == 1 or workers() == 1:
        yield from map(function, items)
        return
    size = -(-len(items) // workers())
    groups = [items[at : at + size] for at in range(0, len(items), size)]
    pool = _pool()
    waiting: list[Future[list[Result]]] = [
        pool.submit(_all, function, group) for group in groups
    ]
    try:
        while waiting:
            yield from waiting.pop(0).result()
    finally:
        for future in waiting:
            future.cancel()


def _all(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [function(item) for item in items]


def _pool() -> ThreadPoolExecutor:
    """Give the pool of this process; a forked one has none of its parent's threads."""
    with _lock:
        own = os.getpid()
        if own not in _pools:
            _pools.clear()
            _pools[own] = ThreadPoolExecutor(workers(), "daisy-tile")
        return _pools[own]


@cache
def _keep_freed_memory() -> None:
    """Let malloc keep what tiles free, instead of giving it back page by page.

    Touching pages anew costs ten times the arithmetic. Left alone, glibc learns from
    what a process frees; but a worker of dask is told by its environment not to. Where
    there is no mallopt, memory is as slow as the system makes it.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _KEPT)

"""A function on its way to workers: packed once, unpacked once in each process.

With its function a worker keeps what that has opened, a file's table of chunks say,
from one item to the next. As on the local engine, the items of one process share it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

from daisy_kernel.native import limit_workers

# of two maps at a time
_MOST_KEPT = 2
_lock = threading.Lock()
_kept: OrderedDict[str, Any] = OrderedDict()
# items that were cancelled can still come
_over: deque[str] = deque(maxlen=20)


def pack(function: Callable[[Any], Any]) -> bytes:
    """Pack a function, also one of a notebook."""
    import cloudpickle

    packed: bytes = cloudpickle.dumps(function)
    return packed


def same(packed: bytes) -> bytes:
    """Keep a large function on the cluster: a task, so that it cannot be lost."""
    return packed


def call(item: Any, name: str, packed: bytes) -> Any:
    """Do an item; runs on a worker."""
    _share_the_machine()
    return _function(name, packed)(item)


@cache
def _share_the_machine() -> None:
    """Keep as many CPUs busy as the worker has threads: others are beside it.

    Not where the workers are threads of the client's process.
    """
    from distributed import get_worker

    with suppress(ValueError):  # called by hand
        worker = get_worker()
        if worker.nanny is not None:
            limit_workers(worker.state.nthreads)


async def forget(name: str) -> None:
    """Let go of a function, and of what it has opened; runs on a worker.

    A coroutine: dask waits for functions.
    """
    with _lock:
        _over.append(name)
        _kept.pop(name, None)


def _function(name: str, packed: bytes) -> Callable[[Any], Any]:
    import pickle

    with _lock:
        if name in _over:
            return pickle.loads(packed)  # type: ignore[no-any-return]
        if name not in _kept:
            _kept[name] = pickle.loads(packed)
            while len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(name)
        found: Callable[[Any], Any] = _kept[name]
        return found

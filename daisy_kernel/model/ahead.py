"""Read the next piece while the last one is worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from daisy_kernel.model.stopping import current_stop
from daisy_kernel.native import Stop

Key = TypeVar("Key")
Value = TypeVar("Value")


def ahead(
    keys: Iterable[Key], read: Callable[[Key], Value]
) -> Iterator[tuple[Key, Value]]:
    """Give key and value one after the other, always reading one ahead.

    Two values are alive at most, if the caller keeps none. Whoever stops early stops
    the read that is under way.
    """
    stop = Stop()

    def listening(key: Key) -> Value:
        current_stop.set(stop)
        return read(key)

    def submit(key: Key) -> Any:
        return pool.submit(copy_context().run, listening, key)

    with ThreadPoolExecutor(1, "daisy-ahead") as pool:
        rest = iter(keys)
        try:
            key = next(rest, None)
            under_way = submit(key) if key is not None else None
            while key is not None and under_way is not None:
                value = under_way.result()
                following = next(rest, None)
                under_way = submit(following) if following is not None else None
                yield key, value
                del value
                key = following
        finally:
            stop.set()

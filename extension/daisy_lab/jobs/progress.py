"""How far a long read has come, told to whoever waits for the answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[int, int], None]

_listeners: list[Tell] = []


@contextmanager
def listening(tell: Tell) -> Iterator[None]:
    """Have *tell* called with what is done and what there is to do."""
    _listeners.append(tell)
    try:
        yield
    finally:
        _listeners.remove(tell)


def report(done: int, total: int) -> None:
    """Say that so many positions of all have been read."""
    for tell in _listeners:
        tell(done, total)

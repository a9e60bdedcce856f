"""Memory of large results is used again, and not kept without end."""

import numpy as np
import pytest

from daisy_kernel.model import memory

LARGE = 8 << 20


def address() -> int:
    """Take a large result and let it go; tell where it lay."""
    return int(memory.empty((LARGE,), np.dtype("u1")).ctypes.data)


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_kept", [])
    monkeypatch.setattr(memory, "_MOST_KEPT", LARGE)


def test_memory_that_nobody_looks_at_is_taken_again() -> None:
    assert address() == address()


def test_memory_that_is_shown_is_not_taken() -> None:
    shown = memory.empty((LARGE,), np.dtype("u1"))
    view = shown[5:]
    del shown

    other = memory.empty((LARGE,), np.dtype("u1"))

    assert not np.shares_memory(view, other)


def test_more_is_kept_only_for_a_while() -> None:
    with memory.keeping(2 * LARGE):
        three = [memory.empty((LARGE,), np.dtype("u1")) for _ in range(3)]
        del three
        assert sum(block.nbytes for block in memory._kept) == 3 * LARGE

    assert sum(block.nbytes for block in memory._kept) == LARGE

"""Memory of large results is used again, and not kept without end."""

import time
from typing import Any

import numpy as np
import pytest

from daisy_kernel.model import memory

LARGE = 8 << 20


def address(array: Any) -> int:
    return int(array.ctypes.data)


def kept() -> int:
    return sum(block.nbytes for block in memory._memory.kept)


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_memory", memory._Memory())
    monkeypatch.setattr(memory, "_MOST_KEPT", LARGE)
    monkeypatch.setattr(memory, "_LINGER_SECONDS", 0.2)


def test_memory_of_a_result_is_used_again_when_nobody_looks_at_it() -> None:
    kind = np.dtype("<f4")
    first = memory.empty((700, 700), kind)
    first[...] = 1
    where = address(first)
    row = first[5]
    del first

    second = memory.empty((700, 700), kind)
    assert address(second) != where, "a view of it was still there"
    second[...] = 2
    assert (row == 1).all()

    del row
    third = memory.empty((700, 700), kind)
    assert address(third) == where
    assert address(memory.empty((700, 700), kind)) not in (where, address(second))


def test_more_is_kept_for_a_while_and_a_little_longer() -> None:
    with memory.keeping(2 * LARGE):
        four = [memory.empty((LARGE,), np.dtype("u1")) for _ in range(4)]
        del four
        assert kept() == 3 * LARGE
    assert kept() == 3 * LARGE

    until = time.monotonic() + 20
    while kept() > LARGE and time.monotonic() < until:
        time.sleep(0.02)
    assert kept() == LARGE


def test_runs_one_after_the_other_keep_no_more_than_one() -> None:
    for _ in range(3):
        with memory.keeping(2 * LARGE):
            four = [memory.empty((LARGE,), np.dtype("u1")) for _ in range(4)]
            del four

    assert kept() == 3 * LARGE

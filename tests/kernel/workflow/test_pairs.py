"""Sums of blocks have the same bits however their parts come in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from daisy_kernel.workflow.pairs import Pairs, portions


def expected(parts: list[str]) -> str:
    """Join neighbours, then neighbours of these, and so on."""
    while len(parts) > 1:
        pairs = [parts[at : at + 2] for at in range(0, len(parts), 2)]
        parts = [joined(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return parts[0]


def joined(before: str, after: str) -> str:
    return f"({before} {after})"


@given(st.integers(1, 40), st.data())
def test_parts_of_any_size_in_any_order_are_joined_alike(
    count: int, data: st.DataObject
) -> None:
    names = [str(number) for number in range(count)]
    whole: Pairs[str] = Pairs(count, joined)
    spans = [
        blocks
        for big in portions(count, data.draw(st.sampled_from([1, 2, 4, 8])))
        for blocks in (
            [big] if data.draw(st.booleans()) else [range(n, n + 1) for n in big]
        )
    ]

    for blocks in data.draw(st.permutations(spans)):
        some: Pairs[str] = Pairs(count, joined)
        for number in blocks:
            some.put(range(number, number + 1), names[number])
        whole.put(blocks, some.joined())

    assert whole.joined() == expected(names)


@given(st.integers(1, 100), st.sampled_from([1, 2, 4, 64]))
def test_portions_are_all_blocks_in_order(count: int, size: int) -> None:
    found = portions(count, size)

    assert [number for blocks in found for number in blocks] == list(range(count))
    assert all(blocks.start % size == 0 for blocks in found)


def test_few_parts_are_in_memory() -> None:
    count = 1000
    sums: Pairs[np.ndarray] = Pairs(count, np.add)
    most = 0
    for number in range(count):
        sums.put(range(number, number + 1), np.array([number]))
        most = max(most, len(sums._parts))

    assert most <= 10
    assert sums.joined() == [count * (count - 1) // 2]

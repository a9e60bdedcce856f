"""Selections mean what numpy means by them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daisy_kernel.io.reading import plan
from daisy_kernel.model import select
from daisy_kernel.model.errors import SelectionNotSupported


def lists(size: int) -> st.SearchStrategy[Any]:
    """Positions in any order, or a mask, along an axis."""
    masks = st.lists(st.booleans(), min_size=size, max_size=size)
    positions = st.lists(st.integers(-size, size - 1), max_size=9) if size else None
    found = [masks.map(lambda mask: np.array(mask, bool))]
    return st.one_of(*found, *([positions] if positions is not None else []))


@st.composite
def cases(draw: st.DrawFn) -> tuple[tuple[int, ...], Any]:
    shape = tuple(draw(st.lists(st.integers(0, 7), min_size=1, max_size=4)))
    items: list[Any] = []
    for size in shape[: draw(st.integers(0, len(shape)))]:
        options = [st.slices(size)] if size else [st.just(slice(None))]
        options += [st.integers(-size, size - 1)] if size else []
        if not any(isinstance(item, list | np.ndarray) for item in items):
            options.append(lists(size))
        items.append(draw(st.one_of(*options)))
    if draw(st.booleans()):
        items.insert(draw(st.integers(0, len(items))), Ellipsis)
        while len([i for i in items if i is not Ellipsis]) > len(shape):
            items.pop()
    return shape, tuple(items)


@given(cases())
def test_selection_agrees_with_numpy(case: tuple[tuple[int, ...], Any]) -> None:
    shape, index = case
    array = np.arange(int(np.prod(shape))).reshape(shape)
    try:
        expected = array[index]
    except IndexError:
        return  # an Ellipsis moved an integer to a shorter axis
    try:
        chosen = select(index, shape)
    except SelectionNotSupported:
        assert not array.size  # numpy takes a short mask there
        return

    assert chosen.shape == np.shape(expected)
    read = array[chosen.forward][chosen.picked]
    assert read.shape == chosen.full_shape
    assert np.array_equal(read[chosen.finish], expected)


@given(cases(), st.integers(1, 4), st.integers(1, 200))
def test_pieces_of_a_plan_cover_the_selection_once(
    case: tuple[tuple[int, ...], Any], chunk: int, piece_bytes: int
) -> None:
    shape, index = case
    array = np.arange(1, int(np.prod(shape)) + 1).reshape(shape)
    try:
        chosen = select(index, shape)
    except SelectionNotSupported:
        return
    made = plan(chosen, (chunk,) * len(shape), 8, piece_bytes)
    buffer = np.zeros(made.shape, int)

    for piece in made.pieces:
        assert not buffer[piece.target].any()
        buffer[piece.target] = array[piece.source]

    assert np.array_equal(buffer, array[chosen.forward][chosen.picked])


REFUSED = ([[1, 2]], None, True, "x", 1.5, (..., ...), (0, 0, 0), ([1], [2]), [0.5])


@pytest.mark.parametrize("index", REFUSED, ids=str)
def test_what_is_not_basic_indexing_is_refused(index: Any) -> None:
    with pytest.raises(SelectionNotSupported):
        select(index, (4, 5))


def test_index_out_of_range_names_the_shape() -> None:
    with pytest.raises(SelectionNotSupported, match=r"index 9 .* axis 0 .*\(4, 5\)"):
        select(9, (4, 5), "scan.h5: data")


def test_dots_keep_a_list_and_an_integer_apart_as_for_numpy() -> None:
    array = np.arange(3 * 4 * 5).reshape(3, 4, 5)
    for index in (np.s_[:, [1, 2], ..., 0], np.s_[:, [1, 2], 0], np.s_[0, ..., [1, 2]]):
        chosen = select(index, array.shape)

        assert chosen.shape == array[index].shape
        read = array[chosen.forward][chosen.picked]
        assert np.array_equal(read[chosen.finish], array[index])

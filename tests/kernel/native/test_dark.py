"""Dark subtracted from frames: numpy's bits, whatever lies where."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daisy_kernel.native import subtract_dark

KINDS = ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "i8", ">u2"]


@given(st.sampled_from(KINDS), st.integers(0, 5), st.integers(1, 6), st.data())
def test_the_bits_are_those_of_numpy(
    kind: str, count: int, rows: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    whole = (rng.random((2 * count, 9, 40)) * 250 - 100).astype("i4").astype(kind)
    step = data.draw(st.sampled_from([1, 2, -1]))
    frames = whole[::step, 2 : 2 + rows]
    dark = rng.random((rows, 40)).astype("f4")

    found = subtract_dark(frames, dark)

    assert found.dtype == np.float32
    assert np.array_equal(found, frames.astype("f4") - dark)


def test_dark_of_each_frame_and_frames_that_are_not_in_one_piece_go_by_numpy() -> None:
    frames = np.arange(60, dtype="u2").reshape(3, 4, 5)
    dark = np.arange(60, dtype="f4").reshape(3, 4, 5)

    assert not subtract_dark(frames, dark).any()
    assert not subtract_dark(frames[:, :, ::2], dark[0, :, ::2])[0].any()
    assert subtract_dark(frames, np.float32(1)).max() == 58


@pytest.mark.parametrize("kind", ["u4", "i4"])
def test_large_numbers_are_rounded_as_numpy_does(kind: str) -> None:
    frames = np.array([[np.iinfo(kind).max, 2**24 + 1, 2**24 + 3]], kind)

    found = subtract_dark(frames, np.zeros(3, "f4"))

    assert np.array_equal(found, frames.astype("f4"))


def test_no_frames_and_empty_frames_give_nothing() -> None:
    assert subtract_dark(np.zeros((0, 2, 2), "u2"), np.zeros((2, 2), "f4")).size == 0
    assert subtract_dark(np.zeros((3, 0), "u2"), np.zeros(0, "f4")).shape == (3, 0)

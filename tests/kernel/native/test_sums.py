"""Sums over frames give numpy's bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daisy_kernel.native import sum_frames


@given(
    frames=st.integers(0, 40), rows=st.integers(1, 9), columns=st.integers(1, 700),
    dtype=st.sampled_from(["f4", "u2", "f8"]),
)  # fmt: skip
def test_sums_are_numpys_to_the_bit(
    frames: int, rows: int, columns: int, dtype: str
) -> None:
    rng = np.random.default_rng(frames)
    values = (rng.random((frames, rows + 1, columns)) * 1e4).astype(dtype)

    found = sum_frames(values)

    wanted = np.zeros(values.shape[1:])
    for frame in values:
        wanted += frame
    assert found.dtype == np.float64
    assert np.array_equal(found, wanted)


def test_nan_stays() -> None:
    values = np.ones((3, 2, 2), "f4")
    values[1, 0, 0] = np.nan

    assert np.isnan(sum_frames(values)).tolist() == [[True, False], [False, False]]


def test_slices_are_added_up_as_well() -> None:
    values = np.arange(60, dtype="f4").reshape(3, 4, 5)[:, 1:3]

    assert np.array_equal(sum_frames(values), values.sum(0, dtype="f8"))


@pytest.mark.parametrize("shape", [(3,), (0, 2)])
def test_odd_shapes_are_added_up(shape: tuple[int, ...]) -> None:
    assert np.array_equal(sum_frames(np.ones(shape, "f4")), np.ones(shape).sum(0))

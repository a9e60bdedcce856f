"""From counts to line integrals."""

import numpy as np
import pytest

from daisy_kernel.apps.tomography import (
    bad_pixels,
    fill_bad_pixels,
    minus_log,
    normalize,
)


def test_unsigned_counts_do_not_wrap_below_the_dark() -> None:
    raw = np.full((1, 2, 2), 5, np.uint16)
    flat, dark = np.full((2, 2), 100.0, "f4"), np.full((2, 2), 10.0, "f4")

    sent, floored = normalize(raw, flat, dark)

    assert (sent == np.float32(1e-4)).all()
    assert floored == 4


def test_flats_are_interpolated_in_time() -> None:
    before, after = np.full((1, 1), 100.0, "f4"), np.full((1, 1), 80.0, "f4")
    raw = np.array([100, 90, 80], np.uint16).reshape(3, 1, 1)

    sent, _ = normalize(
        raw, before, np.zeros((1, 1), "f4"), flat_after=after, time=[0, 0.5, 1]
    )

    assert np.allclose(sent, 1)


def test_transmission_above_one_is_kept() -> None:
    sent, floored = normalize(
        np.array([[[120]]]), np.full((1, 1), 100.0, "f4"), np.zeros((1, 1), "f4")
    )

    assert np.allclose(minus_log(sent), -np.log(1.2))
    assert floored == 0


@pytest.mark.parametrize("dtype", ["u1", "u2", ">u2", "i4", "f4", "f8"])
def test_every_type_gives_float32_and_leaves_the_input(dtype: str) -> None:
    raw = np.full((2, 2, 2), 50, dtype)

    sent, _ = normalize(raw, np.full((2, 2), 100.0, "f4"), np.zeros((2, 2), "f4"))

    assert sent.dtype == np.float32
    assert np.allclose(sent, 0.5)
    assert (raw == 50).all()


def test_dead_and_hot_pixels_are_filled_from_their_neighbours() -> None:
    flat = np.full((2, 6), 1000.0, "f4")
    dark = np.full((2, 6), 10.0, "f4")
    flat[0, 0] = 10  # dead
    dark[0, 3] = flat[0, 3] = 60_000  # hot
    frames = np.tile(np.arange(6, dtype="f4"), (2, 2, 1))
    frames[:, 0, [0, 3]] = 99

    mask = bad_pixels(flat, dark)
    fill_bad_pixels(frames, mask)

    assert np.argwhere(mask).tolist() == [[0, 0], [0, 3]]
    assert frames[0, 0].tolist() == [1, 1, 2, 3, 4, 5]

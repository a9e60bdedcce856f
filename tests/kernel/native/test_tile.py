"""Tiles: bins, contrast, codes, and pixels that are no data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from daisy_kernel.native import tile


def binned(frame: np.ndarray, step: int) -> np.ndarray:
    rows, columns = (-(-n // step) for n in frame.shape)
    out = np.full((rows, columns), np.nan)
    for i in range(rows):
        for j in range(columns):
            cell = frame[i * step : (i + 1) * step, j * step : (j + 1) * step]
            good = cell[np.isfinite(cell)]
            out[i, j] = good.mean() if good.size else np.nan
    return out


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
        elements=st.floats(-100, 100) | st.just(np.nan) | st.just(np.inf),
    ),
    st.integers(0, 3),
)
def test_bins_agree_with_numpy(frame: np.ndarray, level: int) -> None:
    made = tile(frame, level=level, lo=-100, hi=100)

    mean = binned(frame, 2**level)
    expected = np.where(np.isnan(mean), 0, np.rint(1 + (mean + 100) / 200 * 254))
    assert made.data.shape == mean.shape
    assert np.abs(made.data - expected).max() <= 1  # halves may round either way
    assert np.array_equal(made.data == 0, np.isnan(mean))
    assert made.bad == (~np.isfinite(frame)).sum()


@pytest.mark.parametrize(
    "dtype",
    ["u1", "i1", "<u2", ">u2", "i2", "u4", ">i4", "u8", "i8", "f2", ">f4", "f8", "g"],
)
def test_every_number_type_gives_the_same_tile(dtype: str) -> None:
    frame = np.arange(63).reshape(7, 9)

    made = tile(frame.astype(dtype), level=1)

    assert np.array_equal(made.data, tile(frame.astype("f8"), level=1).data)


def test_complex_shows_its_magnitude_and_bool_its_value() -> None:
    assert tile(np.array([[3 + 4j, 0]]), lo=0, hi=5).data.tolist() == [[255, 1]]
    assert tile(np.array([[True, False]])).data.tolist() == [[255, 1]]


def test_dead_pixels_of_detectors_are_code_zero() -> None:
    unsigned = np.array([[2**32 - 1, 5]], dtype="u4")
    signed = np.array([[-1, 5, -2]], dtype="i4")
    real_negatives = np.array([[-1, 5, -3]], dtype="i4")

    assert tile(unsigned).data[0, 0] == 0
    assert tile(signed).bad == 2
    assert tile(real_negatives).bad == 0


def test_65535_is_a_count_unless_it_is_declared_invalid() -> None:
    frame = np.array([[65535, 1]], dtype="u2")

    assert tile(frame).bad == 0
    assert tile(frame, invalid=65535).data.tolist()[0][0] == 0


def test_mask_is_left_out_also_inside_a_box() -> None:
    frame = np.arange(16.0).reshape(4, 4)
    mask = np.zeros((4, 4), bool)
    mask[1, 2] = True

    made = tile(frame, box=(1, 3, 2, 4), invalid=mask, level=0)

    assert made.bad == 1
    assert made.data[0, 0] == 0


def test_one_hot_pixel_does_not_blacken_the_frame_and_is_counted() -> None:
    frame = np.random.default_rng(1).poisson(100, (600, 700)).astype("u2")
    frame[5, 5] = 65000

    made = tile(frame)

    assert made.level == 1
    assert made.data.shape == (300, 350)
    assert made.hi < 150
    assert made.hot > 0


def test_log_and_sqrt_keep_the_ends() -> None:
    frame = np.array([[1.0, 10.0, 100.0]])

    assert tile(frame, lo=1, hi=100, scale="log").data.tolist() == [[1, 128, 255]]
    root = tile(frame, lo=0, hi=100, scale="sqrt").data
    assert root.tolist() == [[26, 81, 255]]


@pytest.mark.parametrize("value", [np.nan, 0.0, -3.0, 7e300])
@pytest.mark.parametrize("scale", ["linear", "log", "sqrt"])
def test_constant_frames_have_a_finite_contrast(value: float, scale: str) -> None:
    made = tile(np.full((4, 5), value), scale=scale)  # type: ignore[arg-type]

    assert np.isfinite([made.lo, made.hi]).all()
    assert made.hi > made.lo


def test_strided_and_transposed_frames_are_read_right() -> None:
    stack = np.arange(4 * 5 * 6, dtype="u2").reshape(4, 5, 6)

    for view in (stack[1], stack[:, 2], stack[:, :, 3], stack[1].T, stack[1, ::-1]):
        expected = tile(np.ascontiguousarray(view))
        assert np.array_equal(tile(view).data, expected.data)


def test_histogram_counts_every_code() -> None:
    made = tile(np.arange(20.0).reshape(4, 5))

    assert made.histogram.sum() == made.data.size


@pytest.mark.parametrize(
    ("frame", "options", "error"),
    [
        (np.zeros(3), {}, ValueError),
        (np.zeros((0, 4)), {}, ValueError),
        (np.array([["a"]]), {}, TypeError),
        (np.zeros((2, 2)), {"scale": "cubic"}, ValueError),
        (np.zeros((2, 2)), {"invalid": np.zeros((3, 3), bool)}, ValueError),
        (np.zeros((2, 2)), {"max_shape": (0, 0)}, ValueError),
        (np.zeros((2, 2)), {"box": (5, 9, 0, 2)}, ValueError),
    ],
)
def test_what_has_no_picture_is_refused(
    frame: np.ndarray, options: dict, error: type[Exception]
) -> None:
    with pytest.raises(error):
        tile(frame, **options)


@pytest.mark.parametrize("level", [0, 1, 3])
@pytest.mark.parametrize("shape", [(7, 9), (16, 8), (1, 5)])
def test_a_cell_is_marked_if_one_of_its_pixels_is_saturated(
    shape: tuple[int, int], level: int
) -> None:
    frame = np.random.default_rng(0).integers(0, 100, shape).astype("u2")
    step = 2**level
    expected = [
        [
            (frame[r : r + step, c : c + step] >= 90).any()
            for c in range(0, shape[1], step)
        ]
        for r in range(0, shape[0], step)
    ]

    made = tile(frame, level=level, lo=0, hi=1000, saturated_from=90)

    assert made.saturated == (frame >= 90).sum()
    assert ((made.data == 255) == expected).all()


@given(
    hnp.arrays(
        np.uint16, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=33)
    ),
    st.integers(0, 2),
    st.integers(1, 8),
)
def test_a_preview_is_what_binning_further_gives(
    frame: np.ndarray, level: int, most: int
) -> None:
    made = tile(frame, level=level, invalid=[7], preview=(most, most))

    assert made.preview is not None
    further = tile(frame, level=made.preview.level, lo=made.lo, hi=made.hi, invalid=[7])
    assert made.preview.level >= level
    assert np.array_equal(made.preview.data, further.data)

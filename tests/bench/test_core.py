"""What the core costs: tiles and back projection. Timed by `--benchmark-enable`."""

from typing import Any

import numpy as np
import pytest

from daisy_kernel.native import fbp, remove_stripes, tile


@pytest.fixture(scope="module")
def frame() -> np.ndarray:
    return np.random.default_rng(0).poisson(100, (2167, 2070)).astype(np.uint32)


@pytest.mark.parametrize("dtype", ["u2", "u4", "f4"])
def test_tile_of_a_4_megapixel_frame(
    benchmark: Any, frame: np.ndarray, dtype: str
) -> None:
    data = frame.astype(dtype)

    made = benchmark(tile, data)

    assert made.data.shape == (542 // 2, 518 // 2)


@pytest.mark.parametrize("rows", [1, 8])
@pytest.mark.parametrize("columns", [512, 1024])
def test_fbp_of_180_angles(benchmark: Any, rows: int, columns: int) -> None:
    sinograms = np.ones((rows, 180, columns), np.float32)
    angles = np.deg2rad(np.arange(180))

    made = benchmark(fbp, sinograms, angles, (columns - 1) / 2)

    assert made.shape == (rows, columns, columns)


def test_ring_removal_of_8_rows(benchmark: Any) -> None:
    rng = np.random.default_rng(0)
    sinograms = rng.random((8, 361, 512), np.float32)

    made = benchmark(remove_stripes, sinograms)

    assert made.shape == sinograms.shape

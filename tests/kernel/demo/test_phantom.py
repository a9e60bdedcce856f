"""The phantom: its projections are the integrals of its voxels."""

import numpy as np
import pytest

from daisy_kernel.demo.phantom import Ellipsoid, project, voxels


@pytest.mark.parametrize("degrees", [0, 90])
def test_projection_is_the_sum_of_the_voxels(degrees: float) -> None:
    size, scale = 256, 120.0
    axis = (size - 1) / 2
    volume = voxels(40, size, scale)

    seen = project([degrees], 40, size, axis, half_width=scale)[0]

    # at 0 degrees rays run along y, at 90 along x: column = axis + x cos + y sin
    summed = volume.sum(axis=1 if degrees == 0 else 2)
    assert np.abs(seen - summed).mean() < 0.01 * summed.max()


def test_disk_has_its_closed_form() -> None:
    disk = (Ellipsoid(2.0, (0, 0, 0), (0.5, 0.5, 100.0)),)

    seen = project([33.0], 1, 201, 100, disk, half_width=100)[0, 0]

    s = np.arange(201) - 100.0
    expected = 2 * 2.0 * np.sqrt(np.maximum(50.0**2 - s**2, 0))
    assert np.allclose(seen, expected, atol=0.2)


def test_phantom_is_not_its_mirror_image() -> None:
    volume = voxels(64, 128, 60.0)

    for mirrored in (volume[::-1], volume[:, ::-1], volume[:, :, ::-1]):
        assert np.abs(volume - mirrored).mean() > 0.002


def test_phantom_fits_its_detector() -> None:
    seen = project(np.arange(0, 180, 10), 16, 512, 250.3)

    assert not seen[:, :, [0, -1]].any()
    assert (seen >= -1e-3).all()

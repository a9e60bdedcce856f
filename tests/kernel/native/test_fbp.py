"""Back projection: scale, sense of rotation and agreement with another program."""

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest

from daisy_kernel.demo.phantom import TOOTH, Ellipsoid, project, voxels
from daisy_kernel.native import angle_weights, fbp, remove_stripes


def disk_error(values: np.ndarray, truth: np.ndarray, part: float = 0.48) -> float:
    """RMS difference relative to the truth in a disk, after the best scale."""
    n = truth.shape[-1]
    grid = np.arange(n) - (n - 1) / 2
    inside = np.hypot(grid[:, None], grid[None, :]) < part * n
    a, b = values[inside].astype(float), truth[inside].astype(float)
    scale = (a @ b) / (a @ a)
    return float(np.sqrt(((scale * a - b) ** 2).mean() / (b**2).mean()))


@pytest.mark.parametrize("axis", [63.5, 70.25, 55.1])
@pytest.mark.parametrize("window", ["ramlak", "hann"])
def test_disk_has_its_density_in_1_per_pixel(axis: float, window: str) -> None:
    disk = (Ellipsoid(0.7, (0, 0, 0), (1, 1, 100.0)),)
    angles = np.arange(0, 180, 1.0)
    sinogram = project(angles, 1, 128, axis, disk, half_width=30).transpose(1, 0, 2)

    made = fbp(sinogram, np.deg2rad(angles), axis, filter=window)[0]  # type: ignore[arg-type]

    grid = np.arange(128) - 63.5
    inside = np.hypot(grid[:, None], grid[None, :]) < 25
    outside = np.hypot(grid[:, None], grid[None, :]) > 36
    assert abs(made[inside].mean() - 0.7) < 0.003
    assert abs(made[outside].mean()) < 0.005


def test_slices_are_neither_mirrored_nor_turned() -> None:
    n, angles = 128, np.arange(0, 180, 1.0)
    sinograms = project(angles, 3, n, 63.5, half_width=60).transpose(1, 0, 2)
    truth = voxels(3, n, 60)[1]

    made = fbp(sinograms, np.deg2rad(angles), 63.5)[1]

    right = disk_error(made, truth)
    wrong = [truth[::-1], truth[:, ::-1], truth.T, np.rot90(truth), np.rot90(truth, 2)]
    assert all(right < 0.6 * disk_error(made, other) for other in wrong)


def test_error_on_shepp_and_logan_is_that_of_algotom(
    algotom_fbp: Callable[..., np.ndarray],
) -> None:
    from scipy import ndimage

    n, angles = 256, np.deg2rad(np.arange(0, 180, 1.0))
    head = (
        Ellipsoid(1, (0, 0, 0), (0.69, 0.92, 99)),
        Ellipsoid(-0.8, (0, -0.0184, 0), (0.6624, 0.874, 99)),
        Ellipsoid(-0.2, (0.22, 0, 0), (0.11, 0.31, 99), -18),
        Ellipsoid(-0.2, (-0.22, 0, 0), (0.16, 0.41, 99), 18),
        Ellipsoid(0.1, (0, 0.35, 0), (0.21, 0.25, 99)),
    )
    fine = voxels(1, 4 * n, 1.96 * n, head)[0]
    truth = fine.reshape(n, 4, n, 4).mean((1, 3))
    sinogram = np.stack([_sum_along(truth, t, ndimage) for t in angles])
    centre = (n - 1) / 2

    ours = fbp(sinogram[None], angles, centre)[0]
    theirs = algotom_fbp(
        sinogram, centre, angles=angles, ratio=None, filter_name=None, gpu=False,
        apply_log=False,
    )[::-1]  # fmt: skip

    # algotom gives slices upside down and N / (N - 1) too high
    theirs = theirs * (len(angles) - 1) / len(angles)
    assert disk_error(ours, theirs) < 0.01
    assert disk_error(ours, truth) < 1.02 * disk_error(theirs, truth)
    assert disk_error(ours, truth) < 0.1


def _sum_along(image: np.ndarray, t: float, ndimage) -> np.ndarray:  # type: ignore[no-untyped-def]
    turn = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    middle = np.full(2, (image.shape[0] - 1) / 2)
    turned = ndimage.affine_transform(image, turn, middle - turn @ middle, order=1)
    return turned.sum(axis=0, dtype=np.float32)


def test_shifted_axis_gives_the_same_slice() -> None:
    angles = np.arange(0, 180, 1.0)
    made = []
    for axis in (63.5, 70.0):
        sinogram = project(angles, 1, 128, axis, half_width=50).transpose(1, 0, 2)
        made.append(fbp(sinogram, np.deg2rad(angles), axis, filter="hann")[0])

    assert disk_error(made[1], made[0], 0.4) < 0.06


def test_an_endpoint_taken_twice_counts_once() -> None:
    both = np.deg2rad(np.linspace(0, 180, 181))

    weights = angle_weights(both)

    assert np.isclose(weights.sum(), np.pi)
    assert np.isclose(weights[0] + weights[-1], weights[90])


def test_more_than_a_half_turn_in_any_order_is_shared_out() -> None:
    angles = np.random.default_rng(1).permutation(np.linspace(0, 2 * np.pi, 721)[:-1])

    weights = angle_weights(angles)

    assert np.isclose(weights.sum(), np.pi)
    assert np.allclose(weights, np.pi / 720)


def test_a_missing_wedge_is_not_given_to_its_borders() -> None:
    weights = angle_weights(np.deg2rad(np.arange(0, 121, 1.0)))

    assert np.allclose(weights, np.deg2rad(1))


def test_uneven_and_repeated_projections_keep_the_scale() -> None:
    disk = (Ellipsoid(1.0, (0, 0, 0), (1, 1, 100.0)),)
    angles = np.concatenate([np.arange(0, 90, 0.5), np.arange(90, 180, 2.0), [45, 45]])
    sinogram = project(angles, 1, 64, 31.5, disk, half_width=20).transpose(1, 0, 2)

    made = fbp(sinogram, np.deg2rad(angles), 31.5)[0]

    assert abs(made[24:40, 24:40].mean() - 1) < 0.01


@pytest.mark.parametrize(
    ("shape", "axis", "options"),
    [
        ((4, 5), 2.0, {}),
        ((1, 3, 8), 4.0, {}),
        ((1, 4, 8), np.nan, {}),
        ((1, 4, 8), 4.0, {"filter": "sharp"}),
        ((1, 4, 1), 0.0, {}),
    ],
)
def test_what_does_not_fit_is_refused(
    shape: tuple[int, ...], axis: float, options: dict
) -> None:
    with pytest.raises(ValueError, match=r"."):
        fbp(np.zeros(shape), np.zeros(4), axis, **options)


def test_big_endian_sinograms_are_taken() -> None:
    sinogram = project([0.0, 90.0], 1, 32, 15.5).transpose(1, 0, 2)

    made = fbp(sinogram.astype(">f4"), [0, 1.57], 15.5)

    assert np.array_equal(made, fbp(sinogram, [0, 1.57], 15.5))


@pytest.mark.parametrize(
    "work",
    [
        "fbp(sinograms, angles, 31.5)",
        "remove_stripes(sinograms)",
        "tile(sinograms[0], level=1).data",
    ],
    ids=["fbp", "remove_stripes", "tile"],
)
def test_a_forked_child_computes_the_same_to_the_last_bit(work: str) -> None:
    program = f"""
import os, signal
import numpy as np
from daisy_kernel.native import fbp, remove_stripes, tile
sinograms = np.random.default_rng(0).normal(size=(17, 90, 64)).astype(np.float32)
angles = np.deg2rad(np.arange(0, 180, 2.0))
first = {work}
child = os.fork()
if not child:
    signal.alarm(20)
    os._exit(0 if ({work}).tobytes() == first.tobytes() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(({work}).tobytes() == first.tobytes())
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, timeout=50,
    )  # fmt: skip

    assert said.stdout.split() == ["0", "True"]


def test_one_slice_of_512_takes_well_under_a_tenth_of_a_second_in_a_block() -> None:
    sinograms = np.zeros((8, 180, 512), np.float32)
    angles = np.deg2rad(np.arange(180))
    fbp(sinograms, angles, 255.5)

    start = time.process_time()
    fbp(sinograms, angles, 255.5)

    assert (time.process_time() - start) / 8 < 0.1


def test_rings_go_and_a_centred_round_object_stays() -> None:
    angles = np.linspace(0, 180, 181)
    parts = (*TOOTH, Ellipsoid(1.0, (0, 0, 0), (0.25, 0.25, 100.0)))
    clean = project(angles, 1, 192, 95.5, parts, half_width=88).transpose(1, 0, 2)
    rng = np.random.default_rng(3)
    stripes = np.zeros(192, np.float32)
    stripes[rng.choice(192, 20, replace=False)] = 0.03 * clean.max()
    theta = np.deg2rad(angles)
    truth = fbp(clean, theta, 95.5)[0]

    left = disk_error(fbp(clean + stripes, theta, 95.5)[0], truth)
    removed = remove_stripes(clean + stripes, 7)
    harmed = fbp(remove_stripes(clean, 7), theta, 95.5)[0]

    assert disk_error(fbp(removed, theta, 95.5)[0], truth) < 0.6 * left
    assert disk_error(harmed, truth) < 0.03
    assert abs(removed.mean() / (clean + stripes).mean() - 1) < 0.01
    centre = np.s_[90:102, 90:102]
    assert abs(harmed[centre].mean() / truth[centre].mean() - 1) < 0.01

"""Load, find the axis, reconstruct and save, on scans with known answers."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.apps import tomography
from daisy_kernel.demo import tomography as demo
from daisy_kernel.demo.phantom import fitting_half_width, voxels
from daisy_kernel.io.results import new_run

Write = Callable[..., Path]
SETUP = demo.Setup(181, 32, 192, 91.4)


def quiet(done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def scan_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw = tmp_path_factory.mktemp("B7") / "2026-0042/raw"
    raw.mkdir(parents=True)
    demo.write_nxtomo(raw / "tooth.nxs", SETUP, 1, "known")
    return raw / "tooth.nxs"


@pytest.fixture
def tomo(scan_path: Path) -> tomography.TomographyScan:
    return tomography.load(scan_path)


def test_nxtomo_is_parted_by_its_image_key(tomo: tomography.TomographyScan) -> None:
    assert tomo.shape == (181, 32, 192)
    assert (len(tomo.flats_before), len(tomo.flats_after)) == (10, 10)
    assert len(tomo.darks) == 10
    assert np.isclose(np.rad2deg(tomo.angles[-1]), 180)
    assert tomo.pixel_size == demo.PIXEL_SIZE
    assert 0 < tomo.time[0] < tomo.time[-1] < 1


def test_data_exchange_is_known(tmp_path: Path) -> None:
    demo.write_data_exchange(tmp_path / "quick.h5", SETUP, 1, "quick")

    tomo = tomography.load(tmp_path / "quick.h5")

    assert tomo.shape == (181, 32, 192)
    assert len(tomo.flats_before) == 20
    assert "no time" in tomo.notes[0]


def test_real_nexus_scan_finds_its_key_and_its_angles(real_data: Path) -> None:
    tomo = tomography.load(real_data / "tomography/k11/k11-18014.nxs")

    assert len(tomo.projections) == 3001
    assert (len(tomo.flats_before), len(tomo.flats_after)) == (50, 50)
    assert np.isclose(np.rad2deg(np.ptp(tomo.angles)), 180, atol=0.01)


def test_scan_without_angles_says_where_it_looked(hdf5: Write) -> None:
    path = hdf5({"entry/data/data": np.zeros((4, 3, 3), "u2")})

    with pytest.raises(errors.InputMissing, match="entry/sample/rotation_angle"):
        tomography.load(path)


def test_scan_without_flats_is_refused_when_they_are_needed(hdf5: Write) -> None:
    path = hdf5(
        {
            "exchange/data": np.ones((4, 3, 8), "u2"),
            "exchange/theta": np.arange(4.0),
            "exchange/theta@units": "deg",
        }
    )

    with pytest.raises(errors.InputMissing, match="no flat fields"):
        tomography.reconstruct(tomography.load(path), axis=4.0, progress=quiet)


@pytest.mark.parametrize(("largest", "known"), [(180.0, True), (3.1, False)])
def test_angles_without_a_unit_are_taken_only_if_they_can_be_degrees_alone(
    hdf5: Write, largest: float, known: bool
) -> None:
    path = hdf5(
        {
            "exchange/data": np.ones((4, 3, 8), "u2"),
            "exchange/theta": np.linspace(0, largest, 4),
        }
    )

    if known:
        assert any("taken as degrees" in n for n in tomography.load(path).notes)
    else:
        with pytest.raises(errors.InputMissing, match="degrees or radians"):
            tomography.load(path)


def test_scan_without_frames_is_refused(hdf5: Write) -> None:
    path = hdf5({"exchange/data": np.zeros((0, 3, 8)), "exchange/theta": np.zeros(0)})

    with pytest.raises(errors.InputMissing, match=r"shape \(0, 3, 8\)"):
        tomography.load(path)


def test_angles_of_another_length_are_refused_with_both_numbers(hdf5: Write) -> None:
    path = hdf5(
        {
            "exchange/data": np.ones((4, 3, 8)),
            "exchange/theta": np.arange(5.0),
            "exchange/theta@units": "deg",
        }
    )

    with pytest.raises(errors.ShapeMismatch, match="5 angles for 4 frames"):
        tomography.load(path)


@pytest.mark.parametrize("method", ["slices", "pair"])
@pytest.mark.parametrize("axis", [250.3, 261.85])
def test_axis_of_the_phantom_is_found_to_a_tenth_of_a_column(
    tmp_path: Path, method: str, axis: float
) -> None:
    setup = demo.Setup(361, 16, 512, axis)
    demo.write_nxtomo(tmp_path / "scan.nxs", setup, 4, "axis")

    found = tomography.find_axis(
        tomography.load(tmp_path / "scan.nxs"),
        method=method,  # type: ignore[arg-type]
    )

    assert abs(found - axis) < 0.1


@pytest.mark.parametrize("method", ["slices", "pair"])
def test_axis_of_the_real_tooth_is_296(real_data: Path, method: str) -> None:
    tomo = tomography.load(real_data / "tomography/tooth.h5")

    found = tomography.find_axis(tomo, method=method)  # type: ignore[arg-type]

    assert abs(found - 296.0) < 0.5


def test_pair_needs_half_a_turn(scan_path: Path) -> None:
    tomo = tomography.load(scan_path)
    few = tomography.axis_from_pair

    with pytest.raises(errors.InputMissing, match=r"covers 90\.0 degrees"):
        few(np.ones((1, 91, 64), "f4"), tomo.angles[:91])


def test_volume_has_the_true_attenuation_and_orientation(
    tomo: tomography.TomographyScan,
) -> None:
    volume = tomography.reconstruct(tomo, axis=SETUP.axis, progress=quiet)

    truth = voxels(32, 192, fitting_half_width(192, SETUP.axis))
    truth = truth * SETUP.attenuation / (100 * demo.PIXEL_SIZE)
    grid = np.arange(192) - 95.5
    inside = np.hypot(grid[:, None], grid[None, :]) < 80
    a, b = volume.data[:, inside], truth[:, inside]
    assert volume.units == "1/cm"
    assert abs((a * b).sum() / (b * b).sum() - 1) < 0.03
    error = np.abs(a - b).mean()
    for mirrored in (truth[:, ::-1], truth[:, :, ::-1]):
        assert error < 0.5 * np.abs(a - mirrored[:, inside]).mean()
    assert np.abs(a - b).mean() < np.abs(a - truth[::-1][:, inside]).mean()


def test_slice_of_the_real_tooth_agrees_with_algotom(
    real_data: Path, algotom_fbp: Callable[..., np.ndarray]
) -> None:
    tomo = tomography.load(real_data / "tomography/tooth.h5")
    sinograms, _ = tomo.sinograms(slice(0, 1), tomo.references().rows(slice(0, 1)))

    ours = tomography.fbp(sinograms, tomo.angles, 296.0)[0]
    theirs = algotom_fbp(
        sinograms[0], 296.0, angles=tomo.angles, ratio=None, filter_name=None,
        gpu=False, apply_log=False,
    )[::-1]  # fmt: skip

    # algotom gives slices upside down, and N / (N - 1) too high
    theirs = theirs * (180 / 181)
    grid = np.arange(640) - 319.5
    inside = np.hypot(grid[:, None], grid[None, :]) < 290
    difference = ours[inside] - theirs[inside]
    assert difference.std() < 0.002 * theirs[inside].std()


def test_result_is_the_same_at_every_block_size_and_for_some_rows(
    tomo: tomography.TomographyScan,
) -> None:
    from daisy_kernel.compute import LocalEngine

    whole = tomography.reconstruct(tomo, axis=91.4, progress=quiet)
    some = tomography.reconstruct(
        tomo, axis=91.4, rows=(5, 16), engine=LocalEngine(workers=1), progress=quiet
    )

    assert np.allclose(some.data, whole.data[5:16], atol=1e-4)
    assert some.parameters["first_row"] == 5


@pytest.mark.parametrize(
    "options", [{"rows": (5, 99)}, {"rows": (4, 4)}, {"axis": 500.0}, {"axis": -1.0}]
)
def test_impossible_parameters_are_refused(
    tomo: tomography.TomographyScan, options: dict
) -> None:
    with pytest.raises(errors.ParameterRefused):
        tomography.reconstruct(tomo, progress=quiet, **({"axis": 91.4} | options))


def test_result_is_saved_with_its_provenance_and_never_over_an_older_one(
    tomo: tomography.TomographyScan, scan_path: Path
) -> None:
    volume = tomography.reconstruct(tomo, axis=91.4, rows=(8, 16), progress=quiet)

    first, second = daisy.save(volume), daisy.save(volume)

    proposal = scan_path.parents[1]
    assert first == proposal / "processed/tooth/run_001/volume.h5"
    assert second == proposal / "processed/tooth/run_002/volume.h5"
    with daisy.open(first) as scan:
        assert np.array_equal(scan.signal.read(), volume.data)
        assert scan.signal.axes == ("z", "y", "x")
        assert scan["entry/data/z"].units == "m"
        done = scan["entry/reconstruction"]
        assert done["program"][()] == "daisy_kernel"
        assert done["input/size"][()] == scan_path.stat().st_size
        assert done["input/path"][()] == str(scan_path)
        parameters = json.loads(done["parameters/data"][()])
        assert parameters["rotation_axis_column"] == 91.4
        assert parameters["flat_correction"] == "interpolated in time"
    with pytest.raises(errors.ResultExists):
        daisy.save(volume, first)


def test_racing_runs_get_folders_of_their_own(tmp_path: Path) -> None:
    scan = tmp_path / "P/raw/day/scan.h5"
    scan.parent.mkdir(parents=True)
    scan.touch()
    found: list[Path] = []
    racers = [
        threading.Thread(target=lambda: found.append(new_run(str(scan))))
        for _ in range(12)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert len(set(found)) == 12
    assert {path.parent for path in found} == {tmp_path / "P/processed/day_scan"}


def test_result_without_a_place_asks_for_a_path(tmp_path: Path) -> None:
    with pytest.raises(errors.ParameterRefused, match="give save"):
        daisy.save(np.zeros((2, 2, 2)))

    saved = daisy.save(np.zeros((2, 2, 2)), tmp_path / "mine/volume.h5")
    with h5py.File(saved) as file:
        assert file["entry/data/data"].shape == (2, 2, 2)

"""A workflow takes several detectors of one scan, on the points that all have."""

from pathlib import Path
from typing import Annotated, Any

import h5py
import numpy as np
import numpy.typing as npt
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.workflow.runs.record import Progress

Floats = npt.NDArray[np.float32]
# lines of the map that each detector has
LINES = {"xrf": range(20), "xrd": range(1, 20), "stxm": range(17)}
BEHIND = {"xrf": {"energy": 64}, "xrd": {"row": 5, "column": 6}, "stxm": {}}
COLUMNS = 30


def quiet(_: Progress) -> None:
    """Show nothing."""


@daisy.algorithm(pattern="spectrum", reduces="energy")
def total(xrf: Floats) -> Floats:
    """Add up spectra."""
    return xrf.sum(axis=-1)


@daisy.algorithm(pattern="frame", shape=lambda frames: frames[:1])
def brightest(xrd: Floats) -> Floats:
    """Take the largest value of each pattern."""
    return xrd.max(axis=(1, 2))


@daisy.algorithm(pattern="point")
def ratio(
    yields: Floats, largest: Floats, stxm: Floats
) -> Annotated[Floats, daisy.Data("y x")]:
    """Compare."""
    return yields * largest / stxm


def maps() -> daisy.Workflow:
    flow = daisy.Workflow("maps")
    yields = flow.add(total, "xrf", into="yields")
    largest = flow.add(brightest, "xrd", into="largest")
    flow.add(ratio, yields, largest, "stxm", into="ratio")
    return flow


def values(name: str, seed: int) -> Floats:
    """All that a detector would see; it has some lines of it."""
    shape = (20, COLUMNS, *BEHIND[name].values())
    return np.random.default_rng([seed, len(name + name[0])]).random(shape, "f4") + 1


def write_map(path: Path, seed: int = 0, **detectors: str) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        for place, name in (detectors or {n: n for n in LINES}).items():
            lines = LINES[name]
            group = entry.create_group(place)
            axes = ["y", "x", *BEHIND[name]]
            group.attrs.update(NX_class="NXdata", signal="data", axes=axes)
            group["data"] = values(name, seed)[lines.start : lines.stop]
            for axis, size in BEHIND[name].items():
                group[axis] = np.arange(float(size))
            group["y"], group["x"] = np.array(lines) * 0.5, np.arange(COLUMNS) * 0.5
    return path


def expected(seed: int = 0) -> Floats:
    xrf, xrd, stxm = (values(name, seed)[1:17] for name in LINES)
    return xrf.sum(axis=-1) * xrd.max(axis=(2, 3)) / stxm


@pytest.fixture
def scan(beamtime: Path) -> Path:
    return write_map(beamtime / "raw" / "map.nxs")


def test_detectors_come_by_name_on_the_points_that_all_have(scan: Path) -> None:
    run = daisy.run(maps(), scan, show=quiet)

    made = run["ratio"]
    assert np.array_equal(made.read(), expected())
    assert made.axis_names == ("y", "x")
    assert np.array_equal(made.axes[0].values, np.arange(1, 17) * 0.5)
    assert daisy.run(maps(), scan, show=quiet) == run


def test_a_cluster_gives_the_same(scan: Path, tmp_path: Path, dask_engine: Any) -> None:
    run = daisy.run(maps(), scan, folder=tmp_path, engine=dask_engine, show=quiet)

    assert np.array_equal(run["ratio"].read(), expected())


def test_the_same_for_another_scan(scan: Path) -> None:
    run = daisy.run(maps(), scan, show=quiet)
    other = write_map(scan.with_name("other.nxs"), seed=1)

    again = daisy.rerun(run, other, show=quiet)

    assert np.array_equal(again["ratio"].read(), expected(1))
    assert str(daisy.history(again)).count("input: ") == 1


def test_a_detector_alone_is_taken_by_its_name_not_the_default_plot(scan: Path) -> None:
    flow = daisy.Workflow("yields")
    flow.add(total, "xrf", into="yields")
    with h5py.File(scan, "a") as file:
        file["entry"].attrs["default"] = "stxm"

    run = daisy.run(flow, scan, show=quiet)

    assert run["yields"].shape == (20, COLUMNS)


def test_a_wrong_name_is_said_with_the_one_that_may_be_meant(scan: Path) -> None:
    flow = daisy.Workflow("maps")
    flow.add(ratio, "xrf", "xrd", "stxn", into="ratio")

    with pytest.raises(errors.InputMissing) as said:
        daisy.run(flow, scan, show=quiet)

    assert "there is 'stxm': is it that?" in str(said.value)
    assert "The scan has: entry/stxm, entry/xrd, entry/xrf" in str(said.value)


def test_a_name_that_two_have_is_refused(beamtime: Path) -> None:
    scan = write_map(beamtime / "raw" / "two.nxs", **{"a/xrf": "xrf", "b/xrf": "xrf"})
    flow = daisy.Workflow("yields")
    flow.add(total, "xrf", into="yields")

    with pytest.raises(errors.InputMissing, match=r"may be .*a/xrf or .*b/xrf"):
        daisy.run(flow, scan, show=quiet)


def test_detectors_that_do_not_fit_are_refused_by_name_before_anything_runs(
    real_data: Path, tmp_path: Path
) -> None:
    flow = daisy.Workflow("maps")
    flow.add(ratio, "fluo_entry", "xrd_entry", "stxm_entry", into="ratio")

    with pytest.raises(errors.NotAligned) as said:
        daisy.run(
            flow, real_data / "multimodal" / "mm.nxs", folder=tmp_path, show=quiet
        )

    assert "_entry" in str(said.value)
    assert not daisy.runs(tmp_path)

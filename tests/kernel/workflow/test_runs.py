"""Runs: nothing twice, nothing lost, nothing that looks finished and is not."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from beamtimes import DARK, quiet, wait_for, write_scan
from flows import calls, level, load, summed, tomography, transmission

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.compute import Engine, LocalEngine
from daisy_kernel.workflow import Workflow
from daisy_kernel.workflow.runs.record import Progress, write_json


def run(beamtime: Path, **more: Any) -> daisy.Run:
    scan = beamtime / "raw" / "tooth.nxs"
    return daisy.run(tomography(), scan, dark=DARK, show=quiet, **more)


def blocks_done(found: daisy.Run) -> dict[str, int]:
    """Blocks that each step has really done."""
    return {
        name: step.blocks - step.reused for name, step in found.progress.steps.items()
    }


def test_results_are_files_beside_the_scan(beamtime: Path) -> None:
    found = run(beamtime)

    assert found.folder == beamtime / "processed" / "tooth" / "run_001"
    assert found.state == "done"
    with h5py.File(found.folder / "scaled.h5") as file:
        assert file["entry/data/data"].shape == (24, 40, 32)
        assert file["entry/data"].attrs["signal"] == "data"
        assert file["entry/data/angle"].attrs["units"] == "deg"
    scaled_object = found["scaled"]
    assert scaled_object.axis_names == ("row", "angle", "column")
    assert scaled_object.units == "counts"


def test_second_run_with_the_same_inputs_does_nothing(beamtime: Path) -> None:
    first = run(beamtime)
    times = {p: p.stat().st_mtime_ns for p in beamtime.rglob("*")}

    second = run(beamtime)

    assert second == first
    assert {p: p.stat().st_mtime_ns for p in beamtime.rglob("*")} == times


def test_again_makes_another_run_with_the_same_numbers(beamtime: Path) -> None:
    first, second = run(beamtime), run(beamtime, again=True)

    assert second.name == "run_002"
    assert not any(step.reused for step in second.progress.steps.values())
    assert second.progress.steps.keys() == first.progress.steps.keys()
    assert {step.blocks for step in second.progress.steps.values()} == {
        step.blocks for step in first.progress.steps.values()
    }
    assert not any("taken over" in note for note in second.progress.notes)
    assert np.array_equal(first["scaled"].read(), second["scaled"].read())


def test_a_late_parameter_redoes_only_what_depends_on_it(
    beamtime: Path, small_blocks: None
) -> None:
    first = run(beamtime, results=["sinograms", "scaled"])
    assert all(blocks_done(first).values())

    second = run(beamtime, parameters={"scaled.factor": 5.0})

    done = blocks_done(second)
    assert done.pop("scaled") > 1
    assert not any(done.values())
    assert np.array_equal(second["scaled"].read(), first["sinograms"].read() * 5)


def test_an_input_that_was_written_again_is_another_one(beamtime: Path) -> None:
    first = run(beamtime)
    write_scan(beamtime / "raw" / "tooth.nxs", seed=1)

    second = run(beamtime)

    assert second.name == "run_002"
    assert not np.array_equal(first["scaled"].read(), second["scaled"].read())


SCRIPT = """
import os, sys, time
sys.path.insert(0, {tests!r})
import numpy as np
import daisy_kernel as daisy
from flows import set_block_bytes, tomography
from daisy_kernel.workflow import blocks
blocks._PIECE_BYTES = 6000
blocks._LEAST_PIECE = 1000
from daisy_kernel.workflow.runs.keeper import RunKeeper
old = RunKeeper.block
def slow(self, done):
    old(self, done)
    time.sleep(0.02)
RunKeeper.block = slow
dark = np.full((24, 32), 7, "f4")
print("ready", flush=True)
daisy.run(tomography(), {scan!r}, dark=dark, show=lambda p: None)
print("done", flush=True)
"""


def start(scan: Path) -> subprocess.Popen[str]:
    tests = str(Path(__file__).parents[2])
    text = SCRIPT.format(tests=tests, scan=str(scan))
    process = subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finished_files(beamtime: Path) -> list[Path]:
    return sorted(beamtime.glob("processed/tooth/run_*/.objects/*/c/*/*/*"))


def test_a_killed_run_goes_on_from_its_finished_blocks(
    beamtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    whole = run(beamtime, folder=beamtime / "elsewhere")["scaled"].read()
    process = start(scan)
    wait_for(lambda: len(finished_files(beamtime)) >= 5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = daisy.Run(beamtime / "processed" / "tooth" / "run_001")
    assert left.state == "lost"
    assert list(left) == []
    before = {p: p.stat().st_mtime_ns for p in finished_files(beamtime)}

    monkeypatch.setattr("daisy_kernel.workflow.blocks._PIECE_BYTES", 6000)
    monkeypatch.setattr("daisy_kernel.workflow.blocks._LEAST_PIECE", 1000)
    found = run(beamtime)

    assert found.folder == left.folder
    assert found.state == "done"
    reused = sum(step.reused for step in found.progress.steps.values())
    assert reused >= 5
    assert np.array_equal(found["scaled"].read(), whole)
    kept = {p: t for p, t in before.items() if p.exists()}
    assert kept == {p: p.stat().st_mtime_ns for p in kept}


@pytest.mark.parametrize("far", [(False, False), (True, False), (True, True)])
def test_sums_go_on_from_what_was_added_up(
    tmp_path: Path,
    small_blocks: None,
    monkeypatch: pytest.MonkeyPatch,
    dask_engine: Engine,
    far: tuple[bool, bool],
) -> None:
    """Also where another engine has begun, whose workers send sums of several."""
    first, second = (dask_engine if cluster else LocalEngine() for cluster in far)
    rng = np.random.default_rng(0)
    given = {"values": rng.random((400, 8, 8)).astype("f4")}
    whole = daisy.run(summed, folder=tmp_path / "a", show=quiet, **given)
    monkeypatch.setattr("daisy_kernel.workflow.parts._WORTH_SECONDS", 0.0)
    monkeypatch.setattr("daisy_kernel.workflow.runs.keeper._WRITE_EVERY", 0.0)
    place = tmp_path / "b"

    def stop(progress: Progress) -> None:
        if 0.3 < progress.done / progress.total < 0.9:
            daisy.Run(place / "run_001").stop()

    with pytest.raises(errors.RunStopped):
        daisy.run(summed, folder=place, show=stop, engine=first, **given)
    kept = {path.name for path in place.rglob("*parts*")}
    found = daisy.run(summed, folder=place, show=quiet, engine=second, **given)

    step = found.progress.steps["summed"]
    assert 0 < step.reused < step.of
    assert (kept == {"summed.1.parts"}) is not far[0]
    assert np.array_equal(found["summed"].read(), whole["summed"].read())
    assert not list(place.rglob("*parts*"))


def test_two_at_once_make_two_whole_runs(beamtime: Path) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    both = [start(scan), start(scan)]

    for process in both:
        output, _ = process.communicate(timeout=60)
        assert output == "done\n"

    runs = [
        daisy.Run(p) for p in sorted((scan.parents[1] / "processed/tooth").iterdir())
    ]
    assert [found.state for found in runs] == ["done", "done"]
    assert np.array_equal(runs[0]["scaled"].read(), runs[1]["scaled"].read())


def test_a_run_that_is_stopped_says_so_and_goes_on(
    beamtime: Path, small_blocks: None
) -> None:
    place = beamtime / "processed" / "tooth" / "run_001"

    def stop(progress: Progress) -> None:
        if progress.state == "running" and progress.done:
            daisy.Run(place).stop()

    scan = beamtime / "raw" / "tooth.nxs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("daisy_kernel.workflow.runs.keeper._WRITE_EVERY", 0.0)
        with pytest.raises(errors.RunStopped, match="run it again"):
            daisy.run(tomography(), scan, dark=DARK, show=stop)
    assert daisy.Run(place).state == "stopped"

    found = run(beamtime)

    assert found.folder == place
    assert found.state == "done"
    assert any(step.reused for step in found.progress.steps.values())


def test_a_failing_algorithm_is_named_with_what_it_was_given(beamtime: Path) -> None:
    @daisy.algorithm(pattern="frame")
    def broken(frames: np.ndarray[Any, np.dtype[np.float32]]) -> Any:
        raise ValueError("no such lens")

    flow = tomography()
    flow.add(broken, "even")

    scan = beamtime / "raw" / "tooth.nxs"
    with pytest.raises(errors.AlgorithmFailed, match=r"broken failed.*no such lens"):
        daisy.run(flow, scan, dark=DARK, show=quiet)

    found = daisy.Run(beamtime / "processed" / "tooth" / "run_001")
    assert found.state == "failed"
    assert "frames = 'even'" in found.error
    assert "no such lens" in found.log


def test_a_full_disk_fails_the_run_and_what_is_finished_stays(
    beamtime: Path, small_blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from daisy_kernel.io.blocks import folder as module

    real, count = module._write_all, []

    def full(file: Any, data: memoryview) -> None:
        count.append(1)
        if len(count) > 20:
            file.write(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "full")
        real(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_write_all", full)
        with pytest.raises(errors.WriteFailed, match="make room"):
            run(beamtime)
    left = daisy.Run(beamtime / "processed" / "tooth" / "run_001")
    assert left.state == "failed"
    assert list(left) == []

    found = run(beamtime)

    assert found.folder == left.folder
    assert any(step.reused for step in found.progress.steps.values())
    assert not list(beamtime.rglob("*.part"))


def test_a_class_is_set_up_and_torn_down(tmp_path: Path, small_blocks: None) -> None:
    from flows import Offset

    calls.clear()
    frames = np.zeros((50, 8, 8), "f4")

    found = daisy.run(Offset, folder=tmp_path, frames=frames, show=quiet)

    assert (found["Offset"].read() == 1).all()
    assert calls.count("initialize") == calls.count("finalize") >= 1


def test_a_result_carries_who_when_what_and_of_which_file(beamtime: Path) -> None:
    found = run(beamtime, note="before the break")

    with h5py.File(found.folder / "scaled.h5") as file:
        entry = file["entry"]
        processes = [
            g for g in entry.values() if g.attrs.get("NX_class") == "NXprocess"
        ]
        names = [g["name"][()].decode() for g in processes]
        last = json.loads(entry["process_5/parameters/data"][()])
        record = json.loads(entry["provenance/run"][()])

    assert names == ["load", "subtract", "smooth", "level", "scaled"]
    assert last == {"factor": 2.0, "kind": "linear"}
    assert record["user"]
    assert record["created"][:4] == "20" + time.strftime("%y")
    assert record["versions"]["daisy-kernel"]
    assert len(record["environment"]["packages"]) == 64
    (file_of,) = record["inputs"]["scan"]["identity"]["files"]
    assert file_of["path"] == str(beamtime / "raw" / "tooth.nxs")
    assert file_of["size"] == (beamtime / "raw" / "tooth.nxs").stat().st_size


def test_a_scan_gives_its_signal_to_a_workflow_that_opens_none(
    beamtime: Path,
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"

    found = daisy.run(transmission(), scan, dark=DARK, flat=DARK + 1, show=quiet)

    with h5py.File(scan) as file:
        wanted = (file["entry/data/data"][:].astype("f4") - DARK) / (DARK + 1)
    assert np.allclose(found["mean"].read(), wanted.mean(0), rtol=1e-6)
    again = daisy.rerun(found, dark=DARK, flat=DARK + 1, show=quiet)
    assert again == found


def test_values_that_are_no_numbers_are_told_with_who_made_them(
    tmp_path: Path, small_blocks: None
) -> None:
    frames = np.ones((30, 8, 8), "f4")
    frames[3, 2, 1] = np.nan
    flow = transmission()

    found = daisy.run(
        flow, folder=tmp_path, show=quiet, results=["sent", "mean"],
        frames=frames, dark=np.zeros((8, 8), "f4"), flat=np.ones((8, 8), "f4"),
    )  # fmt: skip

    assert "sent, made by divide, holds 1 values" in found.progress.notes[0]
    assert "mean, made by mean, holds 1 values" in found.progress.notes[1]


def test_frames_that_are_decoded_whole_are_written_once_in_the_other_order(
    beamtime: Path, small_blocks: None
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    flow = Workflow("sinograms")
    flow.add(load)
    flow.add(level, "projections", into="sinograms")

    found = daisy.run(flow, scan, show=quiet)

    with h5py.File(scan) as file:
        turned = file["entry/data/data"][:].astype("f4").transpose(1, 0, 2)
    assert np.array_equal(found["sinograms"].read(), level(turned))
    assert found.progress.steps["projections/turned"].of > 1
    assert found.progress.steps["level"].of > 1
    # every chunk was read once, and what was written once as well
    assert found.progress.read == 2 * turned.size * 2


def test_progress_is_written_while_it_runs(beamtime: Path, small_blocks: None) -> None:
    seen: list[float] = []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("daisy_kernel.workflow.runs.keeper._WRITE_EVERY", 0.0)
        scan = beamtime / "raw" / "tooth.nxs"
        daisy.run(
            tomography(), scan, dark=DARK, show=lambda p: seen.append(p.done / p.total)
        )

    assert seen == sorted(seen)
    assert len(set(seen)) > 5
    assert seen[-1] == pytest.approx(1)


def test_a_run_elsewhere_is_only_lost_when_its_lease_is_old(
    beamtime: Path, small_blocks: None
) -> None:
    found = run(beamtime)
    progress = found.progress
    progress.state, progress.place, progress.pid = "running", "another machine", 1
    write_json(found.folder / "state.json", progress)
    (found.folder / ".lease").touch()

    assert found.state == "running"
    age = time.time() - 60
    os.utime(found.folder / ".lease", (age, age))
    assert found.state == "lost"

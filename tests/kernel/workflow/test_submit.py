"""Submitted runs outlive who started them; results say how they were made."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from beamtimes import DARK, quiet, wait_for, write_scan
from flows import tomography

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.cli import main
from daisy_kernel.workflow.runs.job import read_job
from daisy_kernel.workflow.runs.record import Progress, write_json
from daisy_kernel.workflow.runs.register import go_on, is_any_alive

pytestmark = pytest.mark.slow
TESTS = str(Path(__file__).parents[2])


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let runners import the tests' algorithms; a register of our own."""
    monkeypatch.setenv("PYTHONPATH", TESTS)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "share"))


def test_a_submitted_run_comes_to_its_end_by_itself(beamtime: Path) -> None:
    scan = beamtime / "raw" / "tooth.nxs"

    found = daisy.submit(tomography(), scan, dark=DARK, note="at night")

    found.wait(60)
    assert found.state == "done"
    assert found.progress.pid != os.getpid()
    here = daisy.run(tomography(), scan, dark=DARK, folder=beamtime / "x", show=quiet)
    assert np.array_equal(found["scaled"].read(), here["scaled"].read())


KERNEL = """
import sys, time
import numpy as np
import daisy_kernel as daisy

@daisy.algorithm(pattern="frame")
def slowly(frames: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> (
    np.ndarray[tuple[int, ...], np.dtype[np.float32]]
):
    time.sleep({seconds})
    return frames * np.float32(3)

run = daisy.submit(slowly, folder={folder!r}, frames=np.ones((64, 256, 256), "f4"))
print(run.folder, flush=True)
time.sleep(100)
"""


def submit_from_a_kernel(folder: Path, seconds: float) -> tuple[Any, daisy.Run]:
    process = subprocess.Popen(
        [sys.executable, "-c", KERNEL.format(seconds=seconds, folder=str(folder))],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    return process, daisy.Run(process.stdout.readline().strip())


def test_it_goes_on_when_its_kernel_is_killed(tmp_path: Path) -> None:
    process, found = submit_from_a_kernel(tmp_path, 0.1)
    wait_for(lambda: found.progress.done > 0)

    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    assert found.state == "running"
    found.wait(60)
    assert (found["slowly"].read() == 3).all()


def test_anybody_stops_it_from_anywhere(tmp_path: Path) -> None:
    process, found = submit_from_a_kernel(tmp_path, 0.5)
    wait_for(lambda: found.state == "running")

    daisy.Run(found.folder).stop()

    with pytest.raises(errors.RunStopped, match="stopped"):
        found.wait(30)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_stopped_run_goes_on_in_the_background(tmp_path: Path) -> None:
    kernel, found = submit_from_a_kernel(tmp_path, 0.2)
    wait_for(lambda: found.progress.steps and found.progress.done > 0)
    kernel.kill()
    found.stop()
    wait_for(lambda: found.state == "stopped")

    assert main(["go-on", str(found.folder)]) == 0

    found.wait(60)
    (step,) = found.progress.steps.values()
    assert step.reused > 0
    assert 0 < found.progress.before < found.progress.total
    assert (found["slowly"].read() == 3).all()
    with pytest.raises(errors.WorkflowRefused, match="it is done"):
        found.go_on()


def test_why_a_run_does_not_go_on_from_here_is_said(
    beamtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    found = daisy.run(tomography(), scan, dark=DARK, show=quiet)
    write_json(found.folder / "state.json", Progress("failed"))

    with pytest.raises(errors.WorkflowRefused, match="Run the same line there again"):
        found.go_on()
    monkeypatch.setattr("daisy_kernel.workflow.runs.environment.user", lambda: "ben")
    with pytest.raises(errors.WorkflowRefused, match="who alone starts it again"):
        found.go_on()


def test_a_killed_runner_is_lost_at_once_and_is_gone_on_with(
    beamtime: Path,
) -> None:
    process, found = submit_from_a_kernel(beamtime / "own", 0.2)
    wait_for(lambda: found.progress.done > 0)
    os.kill(found.progress.pid, signal.SIGKILL)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: found.state == "lost", 5)
    assert not is_any_alive()

    assert go_on() == [found.folder]

    wait_for(lambda: found.state != "lost")
    assert is_any_alive()
    found.wait(60)
    assert (found["slowly"].read() == 3).all()
    assert any(step.reused for step in found.progress.steps.values())
    assert not is_any_alive()


def test_what_is_wrong_is_said_before_anything_is_started(beamtime: Path) -> None:
    scan = beamtime / "raw" / "tooth.nxs"

    with pytest.raises(errors.InputMissing, match=r"'dark'.*subtract"):
        daisy.submit(tomography(), scan)

    assert list((beamtime / "processed").iterdir()) == []


def test_all_runs_of_a_proposal_are_listed(
    beamtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAISY_DATA", str(beamtime.parents[1]))
    write_scan(beamtime / "raw" / "other.nxs", seed=3)
    for name in ("tooth", "other"):
        scan = beamtime / "raw" / f"{name}.nxs"
        daisy.run(tomography(), scan, dark=DARK, show=quiet, note=f"of {name}")

    every = daisy.runs("B7/2026-0042")

    assert [run.record.note for run in every] == ["of other", "of tooth"]
    assert [run.folder for run in daisy.runs()] == [run.folder for run in every]
    assert len(daisy.runs(beamtime / "raw" / "tooth.nxs")) == 1
    assert "Levelled sinograms" in repr(every)
    assert "of tooth" in every._repr_html_()


def test_a_result_tells_its_history(beamtime: Path) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    found = daisy.run(
        tomography(), scan, dark=DARK, show=quiet, parameters={"scaled.factor": 3.0}
    )

    told = daisy.history(found.files["scaled"])

    assert str(scan) in told.text
    assert "factor = 3.0" in told.text
    assert "Take the dark current away." in told.methods
    assert "tooth.nxs" in told.methods
    assert "<p>" in told._repr_html_()


def test_no_history_says_what_it_is_not(beamtime: Path) -> None:
    with pytest.raises(errors.InputMissing, match=r"no result of daisy\.run"):
        daisy.history(beamtime / "raw" / "tooth.nxs")


def test_a_result_is_made_again_of_another_scan(beamtime: Path) -> None:
    other = beamtime / "raw" / "other.nxs"
    write_scan(other, seed=3)
    first = daisy.run(
        tomography(), beamtime / "raw" / "tooth.nxs", dark=DARK, show=quiet,
        parameters={"scaled.factor": 3.0},
    )  # fmt: skip

    again = daisy.rerun(first.files["scaled"], other, dark=DARK, show=quiet)

    flow = tomography().with_parameters({"scaled.factor": 3.0})
    wanted = daisy.run(flow, other, dark=DARK, folder=beamtime / "x", show=quiet)
    assert np.array_equal(again["scaled"].read(), wanted["scaled"].read())
    assert again.folder.parent.name == "other"


def test_nobody_runs_code_that_another_member_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, found = submit_from_a_kernel(tmp_path, 0)
    found.wait(60)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert read_job(found.folder).algorithms

    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    with pytest.raises(errors.WorkflowRefused, match="notebook of somebody else"):
        read_job(found.folder)
    monkeypatch.undo()

    job = found.folder / ".job.pickle"
    job.rename(found.folder / "other")
    job.symlink_to("other")
    with pytest.raises(errors.WorkflowRefused, match="notebook of somebody else"):
        read_job(found.folder)

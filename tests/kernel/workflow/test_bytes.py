"""What each algorithm of a run has read and written, and how it is told."""

import re
from pathlib import Path

import numpy as np
import pytest
from beamtimes import DARK, quiet
from flows import level, load, tomography, transmission

import daisy_kernel as daisy
from daisy_kernel.cli import main
from daisy_kernel.compute import Engine, LocalEngine
from daisy_kernel.workflow import Workflow
from daisy_kernel.workflow.runs.line import remaining
from daisy_kernel.workflow.runs.record import Progress, StepProgress

FRAMES, HEAD = 40, 24 * 32  # of the scan of the beamtime; pixels of a frame


def steps_of(found: daisy.Run) -> dict[str, StepProgress]:
    return found.progress.steps


@pytest.fixture(params=["local", "dask"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "local":
        return LocalEngine()
    made: Engine = request.getfixturevalue("dask_engine")
    return made


def test_what_a_stage_takes_is_counted_once_for_the_first_that_takes_it(
    tmp_path: Path, small_blocks: None, engine: Engine
) -> None:
    frames = np.ones((50, 8, 8), "f4")
    one = np.ones((8, 8), "f4")

    found = daisy.run(
        transmission(), folder=tmp_path, engine=engine, show=quiet,
        frames=frames, dark=one, flat=one,
    )  # fmt: skip

    steps = steps_of(found)
    assert steps["subtract"].of > 1
    assert steps["subtract"].read == frames.nbytes + one.nbytes
    assert steps["divide"].read == one.nbytes
    assert steps["mean"].read == 0
    # a mean has no blocks; it is written when all is added up
    assert [steps[name].written for name in ("subtract", "divide")] == [0, 0]
    assert steps["mean"].written >= 8 * 8 * 8


def test_sums_over_the_algorithms_are_those_of_the_run(
    beamtime: Path, small_blocks: None
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"

    found = daisy.run(tomography(), scan, dark=DARK, show=quiet)

    progress = found.progress
    steps = steps_of(found).values()
    assert progress.read == sum(step.read for step in steps) > 0
    assert progress.written == sum(step.written for step in steps) > 0
    # blocks of a frame each, which `smooth` reads with the neighbours on both sides
    frames = FRAMES + 2 * (FRAMES - 1)
    assert steps_of(found)["subtract"].read == 2 * frames * HEAD + DARK.nbytes
    assert steps_of(found)["scaled"].written >= found["scaled"].read().nbytes


def test_what_is_written_in_another_order_is_told_as_a_step_of_its_own(
    beamtime: Path, small_blocks: None
) -> None:
    flow = Workflow("sinograms")
    flow.add(load)
    flow.add(level, "projections", into="sinograms")

    found = daisy.run(flow, beamtime / "raw" / "tooth.nxs", show=quiet)

    turned, levelled = steps_of(found)["projections/turned"], steps_of(found)["level"]
    assert turned.read == 2 * FRAMES * HEAD
    assert turned.written >= levelled.read == 2 * FRAMES * HEAD


def test_finished_blocks_that_are_taken_over_are_not_counted_again(
    beamtime: Path, small_blocks: None
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    first = daisy.run(
        tomography(), scan, dark=DARK, results=["sinograms", "scaled"], show=quiet
    )

    second = daisy.run(
        tomography(), scan, dark=DARK, parameters={"scaled.factor": 5.0}, show=quiet
    )

    sinograms = first["sinograms"].read()
    assert steps_of(second)["subtract"] == StepProgress()
    assert steps_of(second)["scaled"].read == sinograms.nbytes


def test_a_state_of_before_has_no_bytes_per_algorithm_and_is_read(
    beamtime: Path,
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    found = daisy.run(tomography(), scan, dark=DARK, show=quiet)
    text = (found.folder / "state.json").read_text()
    old = text.replace('"read"', '"of_later"')
    (found.folder / "state.json").write_text(old)

    assert steps_of(found)["subtract"].read == 0
    assert steps_of(found)["subtract"].blocks >= 1


def test_the_command_line_tells_of_one_run_what_each_algorithm_did(
    beamtime: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    found = daisy.run(tomography(), scan, dark=DARK, note="at night", show=quiet)

    assert main(["runs", str(found.folder)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert main(["follow", str(found.folder)]) == 0
    followed = capsys.readouterr().out.strip("\r").splitlines()

    assert any(line.split() == ["state", "done"] for line in told)
    assert any(line.split() == ["note", "at", "night"] for line in told)
    row = next(line for line in told if line.startswith("subtract "))
    assert row.split()[1:4] == ["1", "of", "1"]
    assert row.split()[-3:] == ["63.0", "KiB", "-"]
    assert row in followed
    assert "done after" in followed[0]
    assert followed[0].rstrip().endswith(" read")


def test_a_notebook_shows_the_algorithms_below_the_run(beamtime: Path) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    found = daisy.run(tomography(), scan, dark=DARK, note="<b>bold</b>", show=quiet)

    html = found._repr_html_()

    plain = re.sub(" style=[^>]*", "", html)
    assert "<td>scaled</td><td>1 of 1</td>" in plain
    assert "&lt;b&gt;bold" in html


def test_the_time_that_is_left_counts_only_what_was_done_now() -> None:
    progress = Progress("running", seconds=10, done=60, total=100, before=50)
    assert remaining(progress) == 40

    progress.done = 50
    assert remaining(progress) is None

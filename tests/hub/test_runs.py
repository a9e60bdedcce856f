"""Runs in a sandbox: on the gateway's cluster, and when their kernel is killed."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest
from kernels import Notebook

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

FLOW = """
import time
from typing import Any
import numpy as np
import numpy.typing as npt

@daisy.algorithm(pattern="frame")
def slowly(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    time.sleep(0.5)
    return frames * np.float32(2)

@daisy.algorithm(pattern="point", reduces=0, finish=lambda total, n: total / n)
def average(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return frames.sum(axis=0, dtype=np.float64)

flow = daisy.Workflow("slow", [slowly, average])
frames = np.ones((64, 64, 1024), "f4")
quiet = lambda progress: None
"""
SCAN = "B7/2026-0042/raw/tooth_0001.nxs"


@pytest.fixture
def notebook(demo_installation, log_in) -> Iterator[Notebook]:
    found = Notebook(demo_installation, log_in(demo_installation, "anna"))
    found.stop_clusters()
    found.run(FLOW)
    yield found
    found.stop_clusters()


def test_a_notebooks_workflow_gives_the_same_bits_on_its_cluster(notebook):
    said = notebook.run(
        "flow2 = daisy.apps.tomography.slices(rows=(40, 56), axis=255.0)\n"
        f"here = daisy.run(flow2, {SCAN!r}, show=quiet, folder='here')\n"
        "gateway = {'name': 'gateway', 'workers': 2}\n"
        f"there = daisy.run(flow2, {SCAN!r}, show=quiet, folder='there',"
        " engine=gateway)\n"
        "a, b = here['volume'].read(), there['volume'].read()\n"
        "print(here == there, np.array_equal(a, b), a.shape, there.record.engine)\n"
    )

    assert said.splitlines()[-1].startswith("False True (16, ")
    assert "gateway" in said


def test_a_killed_worker_costs_its_blocks_and_not_the_run(notebook):
    notebook.run("engine = daisy.engine('gateway', workers=2)\n"
                 "engine.client.wait_for_workers(2, timeout=60)")  # fmt: skip
    end = notebook.start(
        "run = daisy.run(flow, folder='killed', engine=engine, show=quiet,"
        " frames=frames)\n"
        "print(run.state, np.allclose(run['average'].read(), 2 * frames.mean(0)))"
    )
    time.sleep(0.5)
    os.kill(notebook.worker(), signal.SIGKILL)

    assert end().splitlines()[-1] == "done True"
    notebook.run("engine.close()")


def test_a_submitted_run_goes_on_when_its_kernel_is_killed(notebook):
    folder = notebook.run(
        "run = daisy.submit(flow, folder='alone', frames=frames)\n"
        "while not run.progress.done: time.sleep(0.05)\n"
        "print(run.folder)"
    )
    notebook.end()

    other = Notebook(notebook.installation, notebook.anna)
    said = other.run(
        f"run = daisy.Run({folder!r}).wait(60)\nprint(run.state, run['average'].shape)"
    )

    assert said == "done (64, 1024)"


def test_an_interactive_run_goes_on_in_the_next_kernel(notebook):
    begin = "daisy.run(slowly, folder='again', show=quiet, frames=frames)"
    threading.Thread(target=notebook.run, args=(begin,)).start()
    other = Notebook(notebook.installation, notebook.anna)
    other.run(FLOW)
    other.run(
        "while not [r for r in daisy.runs('again') if r.progress.done]:\n"
        "    time.sleep(0.1)"
    )
    notebook.end()

    said = other.run(
        "run = daisy.run(slowly, folder='again', show=quiet, frames=frames)\n"
        "step = run.progress.steps['slowly']\n"
        "print(len(daisy.runs('again')), run.state, 0 < step.reused < step.of)"
    )

    assert said == "1 done True"

"""Workflows on processes of dask: kills cost blocks, not the run."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from beamtimes import DARK, quiet
from flows import mean, set_block_bytes, slowed, tomography, transmission

import daisy_kernel as daisy
from daisy_kernel.compute import DaskEngine, LocalEngine
from daisy_kernel.workflow import Workflow
from daisy_kernel.workflow.runs.record import Progress

pytestmark = pytest.mark.slow
TESTS = str(Path(__file__).parents[2])


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from distributed import Client

    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = TESTS
    try:
        with Client(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as found:
            yield found
    finally:
        os.environ["PYTHONPATH"] = before


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    set_block_bytes(monkeypatch, 4096, 1024)


def test_a_run_on_a_cluster_gives_the_same_files(
    beamtime: Path, client: Any, small: None
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    here = daisy.run(tomography(), scan, dark=DARK, show=quiet, folder=beamtime / "a")

    there = daisy.run(
        tomography(), scan, dark=DARK, show=quiet, folder=beamtime / "b",
        engine=DaskEngine(client),
    )  # fmt: skip

    assert there.record.identity == here.record.identity
    assert np.array_equal(there["scaled"].read(), here["scaled"].read())


def test_a_reduction_on_a_cluster_gives_the_same_bits(
    client: Any, small: None, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    given = {
        "frames": rng.random((70, 8, 8)).astype("f4"),
        "dark": rng.random((8, 8)).astype("f4"),
        "flat": 1 + rng.random((8, 8)).astype("f4"),
    }
    found = [
        daisy.run(
            transmission(), folder=tmp_path / name, engine=engine, show=quiet, **given
        )["mean"].read()
        for name, engine in (("a", LocalEngine()), ("b", DaskEngine(client)))
    ]

    assert np.array_equal(found[0], found[1])


def test_a_killed_worker_costs_its_blocks_and_not_the_run(
    client: Any, small: None, tmp_path: Path
) -> None:
    frames = np.arange(120 * 8 * 8, dtype="f4").reshape(120, 8, 8)
    killed = threading.Event()

    def kill(progress: Progress) -> None:
        if progress.done and not killed.is_set():
            killed.set()
            pids = client.run(os.getpid)
            os.kill(next(iter(pids.values())), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("daisy_kernel.workflow.runs.keeper._WRITE_EVERY", 0.0)
        run = daisy.run(
            Workflow("slow", [slowed, mean]), folder=tmp_path, show=kill,
            engine=DaskEngine(client), results=["slowed", "mean"], frames=frames,
        )  # fmt: skip

    assert killed.is_set()
    assert np.array_equal(run["slowed"].read(), frames + 1)
    assert np.allclose(run["mean"].read(), (frames + 1).mean(0))
    (blocks,) = {step.blocks for step in run.progress.steps.values()}
    assert blocks == run.progress.steps["slowed"].of


def test_the_scheduler_gone_stops_the_run_which_goes_on_here(
    small: None, tmp_path: Path
) -> None:
    from distributed import Client

    from daisy_kernel import errors

    frames = np.arange(960 * 8 * 8, dtype="f4").reshape(960, 8, 8)
    client = Client(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    )
    ended = threading.Event()

    def end(progress: Progress) -> None:
        if progress.done and not ended.is_set():
            ended.set()
            threading.Thread(target=client.cluster.close).start()
            time.sleep(0.5)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", TESTS)
        patch.setattr("daisy_kernel.workflow.runs.keeper._WRITE_EVERY", 0.0)
        with pytest.raises(errors.EngineUnavailable):
            daisy.run(
                slowed, folder=tmp_path, show=end, engine=DaskEngine(client),
                frames=frames,
            )  # fmt: skip
    (left,) = daisy.runs(tmp_path)
    assert left.state == "stopped"

    run = daisy.run(slowed, folder=tmp_path, show=quiet, frames=frames)

    assert run.folder == left.folder
    assert run.progress.steps["slowed"].reused > 0
    assert np.array_equal(run["slowed"].read(), frames + 1)

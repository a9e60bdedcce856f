"""Submitted runs and the server: it lives for them, and goes on with lost ones."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from daisy_lab import app
from daisy_lab.kept import Kept
from daisy_lab.watcher import Watcher
from daisy_lab.workers import Pool

from daisy_kernel.workflow.runs.record import Progress, Record, write_json
from daisy_kernel.workflow.runs.register import register

pytestmark = pytest.mark.service


@pytest.fixture
def lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of ours that nobody carries out any more."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "share"))
    folder = tmp_path / "run_001"
    folder.mkdir()
    write_json(folder / "run.json", Record("id", "identity", "flow"))
    write_json(folder / "state.json", Progress(state="running"))
    (folder / "workflow.yaml").write_text("name: flow\nsteps: []\n")
    register(folder)
    return folder


def test_a_server_goes_on_with_lost_runs_and_does_not_look_idle(
    lost: Path,
) -> None:
    (lost / ".lease").touch()

    settings = asyncio.run(beat_until(lambda s: "daisy" in s["last_activity_times"]))

    assert settings["last_activity_times"]["daisy"]


@pytest.mark.parametrize(("idle", "pause"), [(0, 20.0), (3600, 20.0), (6, 2.0)])
def test_a_server_that_is_soon_idle_beats_faster(idle: float, pause: float) -> None:
    assert app._pause(idle) == pause


def test_a_lost_run_is_started_again(lost: Path) -> None:
    age = time.time() - 100
    for name in (".lease", "run.json"):
        (lost / name).touch()
        os.utime(lost / name, (age, age))

    asyncio.run(
        beat_until(lambda _: "Traceback" in log(lost) or "started" in log(lost))
    )


def log(folder: Path) -> str:
    path = folder / "log.txt"
    return path.read_text() if path.exists() else ""


async def beat_until(condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Let a server's heart beat."""

    class Kernels:
        def list_kernel_ids(self) -> list[str]:
            return []

    pool = Pool(size=1)
    settings: dict[str, Any] = {
        "daisy_pool": pool,
        "daisy_kept": Kept(Watcher(Path("none"))),
        "last_activity_times": {},
    }
    beating = asyncio.ensure_future(app._beat(settings, Kernels(), pause=0.05))
    try:
        async with asyncio.timeout(30):
            while not condition(settings):
                await asyncio.sleep(0.05)
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await pool.close()
    return settings

"""Run all tests in lanes: two at a time where neither minds the other's load.

Tests of servers wait much and compute little; tests of the kernel compute and wait for
nothing. Tests in the browser look at how soon something is drawn: they run alone.
"""

import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import places
import tools
from steps import Failed

TESTS = places.ROOT / "tests"
ALONE = ("extension",)
COMPUTING = "kernel", "notebooks", "bench"
NO_TESTS = 5  # pytest's exit code where nothing was chosen


def test() -> None:
    """Run every test; fail if one does."""
    found = sorted(p.name for p in TESTS.iterdir() if any(p.rglob("test_*.py")))
    # a folder that is new is run with the servers: nothing is left out
    servers = [n for n in found if n not in (*ALONE, *COMPUTING)]
    started = time.monotonic()
    failed = _side_by_side(servers, [n for n in found if n in COMPUTING])
    failed += _side_by_side([n for n in found if n in ALONE])
    print(f"All lanes took {time.monotonic() - started:.0f} s.", flush=True)
    if failed:
        raise Failed(f"tests failed in {', '.join(failed)}.")


def _side_by_side(*lanes: list[str]) -> list[str]:
    """Run lanes at once; that of the first is shown as it comes, others after it."""
    logs = [places.HOME / f"tests-{number}.log" for number in range(1, len(lanes))]
    running = []
    for folders, log in zip(lanes[1:], logs, strict=True):
        with log.open("w") as file:
            running.append(_start(folders, file))
    shown = _start(lanes[0], None)
    codes = [shown.wait()]
    for process, log, folders in zip(running, logs, lanes[1:], strict=True):
        codes.append(process.wait())
        print(f"--- {', '.join(folders)} (beside that)", flush=True)
        sys.stdout.write(log.read_text(errors="replace"))
        sys.stdout.flush()
    return [
        ", ".join(folders)
        for folders, code in zip(lanes, codes, strict=True)
        if code not in (0, NO_TESTS)
    ]


def _start(folders: list[str], log: IO[str] | None) -> subprocess.Popen[bytes]:
    print(f"--- {', '.join(folders)}", flush=True)
    python: list[str | Path] = [tools.uv(), "run", "--locked", "--no-sync"]
    named = [TESTS / folder for folder in folders]
    return subprocess.Popen(
        [*python, "pytest", *named],
        cwd=places.ROOT,
        env=tools.environment(),
        stdout=log,
        stderr=None if log is None else subprocess.STDOUT,
    )

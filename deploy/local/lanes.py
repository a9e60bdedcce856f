"""Run all tests in lanes: two at a time where neither minds the other's load.

Tests of servers wait much and compute little; tests of the kernel compute and wait for
nothing, and those of containers and of installing follow them, so that both lanes take
about as long. Tests in the browser look at how soon something is drawn: they run alone.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import IO

import places
import tools
import wheelhouse
from steps import Failed

TESTS = places.ROOT / "tests"
ALONE = ("extension",)
COMPUTING = "kernel", "notebooks", "bench"
INSTALLING = "deploy", "images"
NO_TESTS = 5  # pytest's exit code where nothing was chosen

Words = list[str]


def test() -> None:
    """Run every test; fail if one does."""
    found = sorted(p.name for p in TESTS.iterdir() if any(p.rglob("test_*.py")))
    # a folder that is new is run with the servers: nothing is left out
    servers = [n for n in found if n not in (*ALONE, *COMPUTING)]
    installing = [n for n in servers if n in INSTALLING]
    others = [n for n in servers if n not in INSTALLING]
    computing = [n for n in found if n in COMPUTING]
    started = time.monotonic()
    # a build clears the extension that tests of the other lane have in their page
    wheelhouse.build()
    failed = _side_by_side(
        [["-m", "not container", *others]],
        [
            computing,
            ["-m", "container", *servers],
            ["-m", "not container", *installing],
        ],
    )
    failed += _side_by_side([[n for n in found if n in ALONE]])
    print(f"All lanes took {time.monotonic() - started:.0f} s.", flush=True)
    if failed:
        raise Failed(f"tests failed in: {'; '.join(failed)}.")


def _side_by_side(*lanes: list[Words]) -> list[str]:
    """Run lanes at once, each one call of pytest after the other; return what failed.

    The output of the first is shown as it comes, that of the others after it.
    """
    logs = [places.HOME / f"tests-{number}.log" for number in range(1, len(lanes))]
    with ThreadPoolExecutor(len(lanes)) as pool:
        running = [
            pool.submit(_lane, calls, log)
            for calls, log in zip(lanes, [None, *logs], strict=True)
        ]
        failed = running[0].result()
        for lane, log in zip(running[1:], logs, strict=True):
            failed += lane.result()
            print("--- beside that", flush=True)
            sys.stdout.write(log.read_text(errors="replace"))
            sys.stdout.flush()
    return failed


def _lane(calls: list[Words], log: Path | None) -> list[str]:
    failed = []
    with log.open("w") if log else nullcontext() as file:
        for words in calls:
            print(f"--- pytest {' '.join(words)}", file=file, flush=True)
            if _pytest(words, file) not in (0, NO_TESTS):
                failed.append(" ".join(words))
    return failed


def _pytest(words: Words, log: IO[str] | None) -> int:
    python: list[str | Path] = [tools.uv(), "run", "--locked", "--no-sync"]
    folders = {path.name for path in TESTS.iterdir()}
    named = [TESTS / word if word in folders else word for word in words]
    return subprocess.run(
        [*python, "pytest", *named],
        cwd=places.ROOT,
        env=tools.environment(),
        stdout=log,
        stderr=None if log is None else subprocess.STDOUT,
        check=False,
    ).returncode

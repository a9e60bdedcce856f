"""A process of its own for each library: no cache and no lock is shared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.io import cases as all_cases
from bench.io import data

SHORT_SECONDS, REPEATS = 0.005, 21


class Measured:
    """A process that runs bodies on demand, and says how long each took."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.io.process", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def ask(self, **question: Any) -> dict[str, float]:
        """Run one body once."""
        pipes = self._process
        if pipes.stdin is None or pipes.stdout is None:
            raise RuntimeError("the process has no pipes")
        pipes.stdin.write(json.dumps(question) + "\n")
        pipes.stdin.flush()
        answer = pipes.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process ended at {question}")
        return dict(json.loads(answer))

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def main() -> None:
    folder = Path(sys.argv[1])
    size = data.FULL
    known = {case.name: case for case in all_cases.cases()}
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints
    for line in sys.stdin:
        question = json.loads(line)
        case = known[question["case"]]
        rival = question.get("rival")
        if question.get("before") and case.before:
            case.before(folder, size)
        if case.cold:
            forget_pages(folder)
        body = case.rivals[rival] if rival else case.ours
        spent = timed(body, folder, size)
        if spent["wall"] < SHORT_SECONDS and not case.cold:
            # the processor sleeps between questions: a short call is made often
            every = [timed(body, folder, size) for _ in range(REPEATS)]
            spent = {what: median(one[what] for one in every) for what in spent}
        print(json.dumps(spent), file=answers, flush=True)


def timed(body: all_cases.Body, folder: Path, size: data.Size) -> dict[str, float]:
    """Run a body once."""
    wall, cpu = time.perf_counter(), time.process_time()
    body(folder, size)
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
    }


def forget_pages(folder: Path) -> None:
    """Take a file out of the page cache."""
    descriptor = os.open(folder / "scan.h5", os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


if __name__ == "__main__":
    main()

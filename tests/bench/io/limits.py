"""What the machine can do: copies, reads from the page cache, decoding per core."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bench.io.cases import buffer, parallel_pread, scan, workers
from bench.io.data import FULL

_ROUNDS = 5
_CHUNK = 64 << 20


def measure(folder: Path) -> dict[str, float]:
    """Give GB/s of each limit."""
    whole = FULL.frames * FULL.rows * FULL.columns * 2
    source, target = buffer((8, _CHUNK), "u1"), buffer((8, _CHUNK + 1), "u1")[:, :-1]
    found = {
        "memcpy, 1 thread": _rate(lambda: np.copyto(target, source), source.nbytes),
        "memcpy, all threads": _rate(lambda: _copy(target, source), source.nbytes),
        "pread, all threads": _rate(
            lambda: parallel_pread("contiguous")(folder, FULL), whole
        ),
    }
    for name in ("gzip", "bslz4", "bszstd"):
        found[f"read and decode {name}, 1 core"] = _on_one_core(folder, name, whole)
    return found


def _copy(target: np.ndarray, source: np.ndarray) -> None:
    with workers() as pool:
        list(pool.map(np.copyto, target, source))


def _rate(work: Callable[[], object], nbytes: int) -> float:
    work()
    times = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return nbytes / statistics.median(times) / 1e9


def _on_one_core(folder: Path, name: str, nbytes: int) -> float:
    """Measure in a process that may use one CPU only."""
    said = subprocess.run(
        [sys.executable, "-m", "bench.io.limits", str(folder), name],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(said.stdout)


def main() -> None:
    """Print the rate of one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    folder, name = Path(sys.argv[1]), sys.argv[2]
    out = buffer((FULL.frames, *FULL.frame))
    print(_rate(lambda: scan(folder)[name].read(out=out), out.nbytes))


if __name__ == "__main__":
    main()

"""Measure: `python -m bench.framework [FOLDER]`, below tests/.

Ours and the peers take turns; medians. Writes build/bench/framework.json, and its part
of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.framework import bodies, data, report
from bench.framework.feeding import feed_times
from bench.framework.provenance import counted
from bench.machine import about
from bench.pages import write_part

from daisy_kernel.compute import DaskEngine, LocalEngine

ROOT = Path(__file__).parents[3]
ROUNDS = 5
_PACKAGES = ("h5py", "hdf5plugin", "numpy", "dask", "distributed", "zarr")


@dataclass(frozen=True)
class Row:
    """One line of the table; *ratio* is how much better than the peer, or the limit."""

    case: str
    peer: float
    ours: float
    unit: str
    ratio: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.framework")
    default = Path(tempfile.gettempdir(), "daisy-bench-framework")
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    folder = parser.parse_args().folder
    data.make(folder, data.FULL)
    machine = about(_PACKAGES)
    rows = list(measured(folder))
    target = ROOT / "build" / "bench" / "framework.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    write_part("framework", report.part(rows, machine))
    print(f"{target}, and docs/benchmarks.md from it")
    return 0


def measured(folder: Path) -> Any:
    """Give the rows, one after the other."""
    for row in _rows(folder):
        print(f"{row.case}: {row.ours:.3g} against {row.peer:.3g} {row.unit}, "
              f"{row.ratio:.3g}x", flush=True)  # fmt: skip
        yield row


def _rows(folder: Path) -> Any:
    yield _against_limit(
        "overhead per algorithm and block, local", 2.0,
        _overhead(LocalEngine()), "ms",
    )  # fmt: skip
    with _cluster() as client:
        yield _against_limit(
            "overhead per algorithm and block, gateway", 10.0,
            _overhead(DaskEngine(client)), "ms",
        )  # fmt: skip
    # a cluster that is there, but idle, would take its share
    yield from _means(folder)
    with _cluster() as client:
        yield _on_workers(folder, DaskEngine(client))
    yield from _again(folder)
    yield _provenance(folder)
    picture, preview = feed_times(folder)
    yield _against_limit("last frame to picture in the feed", 5.0, picture, "s")
    yield _against_limit("last frame to preview result", 30.0, preview, "s")


def _against_limit(case: str, limit: float, ours: float, unit: str) -> Row:
    return Row(case, limit, ours, unit, limit / ours)


def _overhead(engine: Any) -> float:
    bodies.overhead(engine)
    calls, seconds = _timed(lambda: bodies.overhead(engine))
    return 1e3 * seconds / calls


_MEANS = "read, subtract, divide, mean of 2 GB"


def _means(folder: Path) -> Any:
    found = _in_turns({
        "ours": lambda: bodies.ours(folder),
        "loop": lambda: bodies.loop(folder),
        "dask": lambda: bodies.dask_array(folder),
    })  # fmt: skip
    for name, peer in (("loop", "h5py and numpy"), ("dask", "dask.array")):
        yield Row(
            f"{_MEANS}: local against {peer}", found[name], found["ours"], "s",
            found[name] / found["ours"],
        )  # fmt: skip
    held = _peak(folder)
    yield _against_limit(f"{_MEANS}: memory of the process", 2.0, held, "GiB")


def _on_workers(folder: Path, engine: Any) -> Row:
    found = _in_turns({
        "ours": lambda: bodies.ours(folder),
        "gateway": lambda: bodies.ours(folder, engine),
    })  # fmt: skip
    return Row(
        f"{_MEANS}: gateway (2 workers) against local", found["ours"],
        found["gateway"], "s", found["ours"] / found["gateway"],
    )  # fmt: skip


def _in_turns(contestants: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    """Give the median time of each, after a round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for body in contestants.values():
        body()
    for _ in range(ROUNDS):
        for name, body in contestants.items():
            times[name].append(_timed(body)[1])
    return {name: median(values) for name, values in times.items()}


def _again(folder: Path) -> Any:
    processed = data.tomogram(folder).parents[1] / "processed"
    shutil.rmtree(processed, ignore_errors=True)
    processed.mkdir()
    first = bodies.tomography(folder)
    _, seconds = _timed(lambda: bodies.tomography(folder))
    yield _against_limit("second run unchanged", 1.0, seconds, "s")
    every = len(bodies.algorithms_done(first))
    late = bodies.tomography(folder, back_projection__filter="hann")
    done = len(bodies.algorithms_done(late))
    yield Row("one late parameter changed: algorithms done again", every, done,
              "algorithms", every / max(1, done))  # fmt: skip


def _provenance(folder: Path) -> Row:
    processed = data.tomogram(folder).parents[1] / "processed"
    shares = []
    for _ in range(ROUNDS):
        shutil.rmtree(processed, ignore_errors=True)
        processed.mkdir()
        with counted() as spent:
            _, seconds = _timed(lambda: bodies.tomography(folder))
        shares.append(100 * sum(spent) / seconds)
    return _against_limit("provenance", 1.0, median(shares), "% of the run")


def _timed(body: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    found = body()
    return found, time.perf_counter() - start


def _peak(folder: Path) -> float:
    """Largest memory of a process that does the work, GiB.

    Not what getrusage says: that begins with the peak of the parent.
    """
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from pathlib import Path; from bench.framework import bodies;"
        "bodies.ours(Path(sys.argv[2]));"
        "status = Path('/proc/self/status').read_text();"
        "print(status.split('VmHWM:')[1].split()[0])"
    )
    tests = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code, tests, str(folder)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return int(done.stdout) * 1024 / 2**30


def _cluster() -> Any:
    from distributed import Client

    return Client(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )


if __name__ == "__main__":
    sys.exit(main())

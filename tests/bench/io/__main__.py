"""Measure: `python -m bench.io [FOLDER] [--only TEXT]`, below tests/.

Ours and the peers take turns, each in a process of its own; medians, wall and CPU
seconds. Writes build/bench/io.json, and its part of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.io import data, limits, report
from bench.io.cases import Case, cases
from bench.io.process import Measured
from bench.machine import about
from bench.pages import write_part

ROOT = Path(__file__).parents[3]
ROUNDS, SHORT_ROUNDS, SHORT_SECONDS = 5, 11, 0.05
_PACKAGES = ("h5py", "hdf5plugin", "hidefix", "imagecodecs", "numpy", "tifffile")


def main() -> int:
    options = _options()
    folder: Path = options.folder
    print(f"files in {folder}", flush=True)
    try:
        data.make(folder, data.FULL)
    except data.NoRoom as error:
        print(error, file=sys.stderr)
        return 1
    target = ROOT / "build" / "bench" / "io.json"
    if options.only:
        found = json.loads(target.read_text())
        rows = {row["name"]: row for row in found["cases"]}
    else:
        found = {"machine": about(_PACKAGES), "limits": limits.measure(folder)}
        rows = {}
    for case in cases():
        if options.only in case.name or case.name not in rows:
            rows[case.name] = _measured(case, folder)
    found["cases"] = [rows[case.name] for case in cases()]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1) + "\n")
    write_part("io", report.part(found))
    print(f"{target}, and docs/benchmarks.md from it")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.io")
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(tempfile.gettempdir(), "daisy-bench"),
    )
    parser.add_argument(
        "--only", default="", help="measure rows with this text again, keep the others"
    )
    return parser.parse_args()


def _measured(case: Case, folder: Path) -> dict[str, Any]:
    """Let ours and the rivals take turns."""
    names = [None, *case.rivals]
    processes = {name: Measured(folder) for name in names}
    times: dict[str | None, list[dict[str, float]]] = {name: [] for name in names}
    try:
        for name in names:  # once to warm up
            processes[name].ask(case=case.name, rival=name, before=name is None)
        for round in range(SHORT_ROUNDS):
            if round == ROUNDS:  # those that take long are known well enough
                names = [n for n in names if _median(times[n]) < SHORT_SECONDS]
                if None not in names:
                    break
            for name in names:
                times[name].append(processes[name].ask(case=case.name, rival=name))
    finally:
        for process in processes.values():
            process.close()
    row = _row(case, times)
    print(report.line(row), flush=True)
    return row


def _median(times: list[dict[str, float]], what: str = "wall") -> float:
    return statistics.median(one[what] for one in times)


def _row(case: Case, times: dict[str | None, list[dict[str, float]]]) -> dict[str, Any]:
    best = min(case.rivals, key=lambda name: _median(times[name]))
    ours, rival = times[None], times[best]
    return {
        "name": case.name,
        "asked": case.asked,
        "best": best,
        "ratio": _median(rival) / _median(ours),
        "cpu_ratio": _median(rival, "cpu") / max(1e-6, _median(ours, "cpu")),
        "ours": {what: _median(ours, what) for what in ("wall", "cpu")},
        "rivals": {
            name: {what: _median(times[name], what) for what in ("wall", "cpu")}
            for name in case.rivals
        },
    }


if __name__ == "__main__":
    sys.exit(main())

"""Measure: `python -m bench.hub`, below tests/.

A hundred people come at once, to DAISY's hub and to a plain one by turns. Writes
build/bench/hub.json, and its part of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

from bench.hub.peers import PASSWORD, Measured, ours, plain
from bench.hub.people import Times, come
from bench.machine import about
from bench.pages import write_part

ROOT = Path(__file__).parents[3]
PEOPLE, ROUNDS = 100, 2
HUBS: dict[str, Callable[[Path, list[str]], AbstractContextManager[Measured]]] = {
    "DAISY": ours,
    "plain JupyterHub": plain,
}


@dataclass
class Round:
    """One round of one hub."""

    hub: str
    times: Times
    cpu: float


def measure(people: int, rounds: int) -> list[Round]:
    """Let people come to both hubs by turns."""
    names = [f"user{number}" for number in range(people)]
    found = []
    for _ in range(rounds):
        for title, hub in HUBS.items():
            with (
                tempfile.TemporaryDirectory(prefix="daisy-bench-") as top,
                hub(Path(top) / "hub", names) as measured,
            ):
                before = measured.cpu()
                times = asyncio.run(come(measured.address, names, PASSWORD))
                found.append(Round(title, times, measured.cpu() - before))
    return found


def page(rounds: list[Round], people: int) -> str:
    """Write the part of the page."""
    lines = [
        "## Hub",
        "",
        "Written by `make bench-hub` from `build/bench/hub.json`.",
        "",
        f"{people} people log in and start their servers in the same moment; servers "
        "are stand-ins of a few lines, behind DAISY's real sandboxes, and without any "
        "in the plain hub, which has one password for all and does not hash it. "
        "Clients run on the same cores. All rounds together.",
        "",
        _machine(),
        "",
        "| | login p50 / p95 | spawn p50 / p95 | hub API p50 / p95, 16 at once "
        "| CPU of the hub, each person | errors | sent away to try again |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for title in HUBS:
        own = [r for r in rounds if r.hub == title]
        cells = [_both([t for r in own for t in getattr(r.times, what)])
                 for what in ("login", "spawn", "api")]  # fmt: skip
        cpu = 1000 * sum(r.cpu for r in own) / len(own) / people
        errors = sum(len(r.times.errors) for r in own)
        away = sum(r.times.sent_away for r in own)
        lines.append(
            f"| {title} | {' | '.join(cells)} | {cpu:.0f} ms | {errors} | {away} |"
        )
    return "\n".join(lines) + "\n"


def _machine() -> str:
    told = about(("jupyterhub", "jupyterhub-traefik-proxy"))
    versions = ", ".join(f"{name} {v}" for name, v in told["versions"].items())
    return (
        f"{told['processor']}, {told['cpus']} CPUs, {told['memory_gb']:.0f} GB; "
        f"load at the end {told['load']:.1f}; {versions}."
    )


def _both(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "-"
    cuts = quantiles(seconds, n=20)
    return f"{_text(cuts[9])} / {_text(cuts[18])}"


def _text(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def main() -> None:
    """Measure, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    os.environ.pop("DAISY_SETTINGS", None)
    rounds = measure(options.people, options.rounds)
    build = ROOT / "build" / "bench"
    build.mkdir(parents=True, exist_ok=True)
    (build / "hub.json").write_text(json.dumps([asdict(r) for r in rounds]))
    text = page(rounds, options.people)
    print(text)
    for each in rounds:
        for error in each.times.errors[:5]:
            print(f"{each.hub}: {error}")
    if options.people == PEOPLE:
        write_part("hub", text)


if __name__ == "__main__":
    main()

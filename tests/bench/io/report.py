"""The measured figures as a part of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from bench.pages import table

_HEAD = """\
## Reading and writing

Written by `make bench` from `build/bench/io.json`.

Frames of 2048 x 2048 uint16 with photon noise. Ours and the peers take turns in one
run, each in a process of its own and into memory that was touched before; medians.
A ratio is the wall time of the best peer divided by ours.
"""


def line(row: dict[str, Any]) -> str:
    """Give one row as text."""
    mark = "" if row["ratio"] >= row["asked"] else "  (not reached)"
    return (
        f"{row['name']}: {_ratio(row['ratio'])} of {_ratio(row['asked'])}, "
        f"CPU {_ratio(row['cpu_ratio'])}, {_seconds(row['ours']['wall'])} "
        f"against {row['best']}{mark}"
    )


def part(found: dict[str, Any]) -> str:
    """Give the part of the page."""
    machine = found["machine"]
    versions = ", ".join(f"{k} {v}" for k, v in machine["versions"].items())
    parts = [
        _HEAD,
        f"{machine['processor']}, {machine['cpus']} CPUs, "
        f"{machine['memory_gb']:.0f} GB; load at the start {machine['load']:.1f}; "
        f"{versions}.\n",
        "### The machine's limits\n",
        table(("", "GB/s"), [(k, f"{v:.2f}") for k, v in found["limits"].items()]),
        "### Against the best peer\n",
        table(
            ("case", "asked", "ratio", "CPU ratio", "ours", "best peer"),
            [_cells(row) for row in found["cases"]],
        ),
    ]
    return "\n".join(parts)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    best = row["rivals"][row["best"]]
    reached = row["ratio"] >= row["asked"]
    return (
        row["name"],
        _ratio(row["asked"]),
        f"**{_ratio(row['ratio'])}**"
        if reached
        else f"{_ratio(row['ratio'])} (missed)",
        _ratio(row["cpu_ratio"]),
        _seconds(row["ours"]["wall"]),
        f"{_seconds(best['wall'])} ({row['best']})",
    )


def _ratio(value: float) -> str:
    return f"{value:.0f}x" if value >= 20 else f"{value:.2f}x"


def _seconds(value: float) -> str:
    return f"{value * 1e3:.2f} ms" if value < 1 else f"{value:.2f} s"

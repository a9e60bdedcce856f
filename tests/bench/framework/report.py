"""The measured figures as a part of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.pages import table

_HEAD = """\
## The framework

Written by `make bench` from `build/bench/framework.json`.

Ours and the peers take turns in one run; medians. A ratio is the peer's figure, or the
limit, divided by ours.
"""


def part(rows: Sequence[Any], machine: dict[str, Any]) -> str:
    """Give the part of the page."""
    versions = ", ".join(f"{k} {v}" for k, v in machine["versions"].items())
    cells = [
        (row.case, f"{row.peer:.3g} {row.unit}", f"{row.ours:.3g} {row.unit}",
         f"**{row.ratio:.2f}x**")
        for row in rows
    ]  # fmt: skip
    return "\n".join(
        [
            _HEAD,
            f"{machine['processor']}, {machine['cpus']} CPUs, "
            f"{machine['memory_gb']:.0f} GB; load at the start {machine['load']:.1f}; "
            f"{versions}.\n",
            table(("case", "peer or limit", "ours", "ratio"), cells),
        ]
    )

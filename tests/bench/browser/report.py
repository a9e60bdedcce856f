"""The measured figures as a part of docs/benchmarks.md."""

from __future__ import annotations

import statistics
from typing import Any

from bench.browser.table import ROWS, Found
from bench.pages import table

_HEAD = """\
## The data browser, beside jupyterlab-h5web

Written by `make bench-browser`; the figures are in `build/bench/browser.json`.

Frames of uint16 with rings, photon noise and hot pixels, in bitshuffle-LZ4; 1000 of
1024 x 1024. Both run in Chromium without a graphics card, on the same files, and take
turns; medians. The clock starts at the user's event in the page and stops two frames
after new pixels were read back from the canvas (a peer's first ones, our last ones).
"Seen before" means in this page; the first viewer of a page may find its program in the
browser's cache. Cuts are asked for over HTTP by the page. The stall
counts each answer from the time at which its question was due. Bytes until the first
tile are those that are needed for it: what follows it in the same answer is left out,
also where the line was quick enough to bring it before the tile was drawn.
"""


def part(
    found: list[dict[str, Any]],
    machine: dict[str, Any],
    ours: Found,
    peer: Found | None,
) -> str:
    """Give the part of the page."""
    versions = ", ".join(f"{k} {v}" for k, v in machine["versions"].items())
    rows = [_cells(number, one) for number, one in enumerate(found)]
    said = [
        f"{machine['processor']}, {machine['cpus']} CPUs, "
        f"{machine['memory_gb']:.0f} GB; load at the start {machine['load']:.1f}; "
        f"{versions}. The slow line is {machine['line']}.\n",
        table(("#", "action", "jupyterlab-h5web", "ours", "asked: at most"), rows),
    ]
    aside = [
        f"- {name}: {statistics.median(values):.3g} s"
        for name, values in ours.aside.items()
    ]
    notes = [f"- {text}" for one in (ours, peer) if one for text in one.notes]
    said += [f"{line}" for line in (*aside, *notes)]
    return "\n".join([_HEAD, *said]) + "\n"


def plain(found: list[dict[str, Any]]) -> str:
    """Give the table for a terminal."""
    lines = [_cells(number, one) for number, one in enumerate(found)]
    return "\n".join("  ".join(cells).replace("**", "") for cells in lines)


def _cells(number: int, one: dict[str, Any]) -> tuple[str, ...]:
    row, ours = ROWS[number], one["ours"]
    text = _text(ours, row.unit)
    if ours is not None:
        text = f"**{text}**" if ours <= row.most else f"{text} (missed)"
    peer, most = _text(one["peer"], row.unit), _text(row.most, row.unit)
    return (str(number + 1), row.action, peer, text, most)


def _text(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if unit == "nodes" else f"{value:.3g} {unit}"

"""How found scans are written: a table in a notebook, lines in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from daisy_kernel.catalog.info import ScanInfo
from daisy_kernel.catalog.snapshot import began

if TYPE_CHECKING:
    from daisy_kernel.catalog.search import Found

_SHOWN = 30
_HEADS = ("", "began", "proposal", "scan", "sample", "technique", "title", "shape")


def found_text(found: Found) -> str:
    """Write one line per scan."""
    lines = [
        "  ".join(filter(None, (f"[{i}]", *_cells(info))))
        for i, info in enumerate(found[:_SHOWN])
    ]
    return "\n".join([_count(found), *lines])


def found_html(found: Found) -> str:
    """Write a table."""
    heads = "".join(f"<th>{head}</th>" for head in _HEADS)
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in (str(i), *_cells(info)))
        + "</tr>"
        for i, info in enumerate(found[:_SHOWN])
    )
    return f"<div>{escape(_count(found))}</div><table><tr>{heads}</tr>{rows}</table>"


def _cells(info: ScanInfo) -> Sequence[str]:
    return (
        datetime.fromtimestamp(began(info)).strftime("%Y-%m-%d %H:%M"),
        "/".join(filter(None, (info.beamline, info.proposal))),
        info.name,
        info.sample,
        info.technique,
        info.title,
        " x ".join(str(n) for n in info.shape),
    )


def _count(found: Found) -> str:
    more = found.total > found.counted
    total = f"over {found.counted}" if more else f"{found.total}"
    shown = min(len(found), _SHOWN)
    count = f"{total} scans" if found.total != 1 else "1 scan"
    parts = [count + (f", {shown} shown" if shown < found.total else "")]
    if found.without_index:
        parts.append(f"not indexed yet: {', '.join(found.without_index)}")
    return "; ".join(parts)

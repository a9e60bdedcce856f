"""What a notebook and a terminal show of a store."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from daisy_kernel.model.text import describe_array, format_bytes
from daisy_kernel.store.entry import Entry

_HEAD = ("name", "what", "units", "bytes", "tier")


def store_text(entries: Sequence[tuple[str, Entry]], used: int, budget: int) -> str:
    """Show a table as text."""
    rows = [_HEAD, *_rows(entries)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join(
        [_title(entries, used, budget), *(line.rstrip() for line in lines)]
    )


def store_html(entries: Sequence[tuple[str, Entry]], used: int, budget: int) -> str:
    """Show a table as HTML."""
    head = "".join(f'<th style="text-align:left">{name}</th>' for name in _HEAD)
    rows = "".join(
        "<tr>"
        + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row)
        + "</tr>"
        for row in _rows(entries)
    )
    title = escape(_title(entries, used, budget))
    return f"<div><b>{title}</b><table><tr>{head}</tr>{rows}</table></div>"


def _title(entries: Sequence[tuple[str, Entry]], used: int, budget: int) -> str:
    count = f"{len(entries)} object{'s' if len(entries) != 1 else ''}"
    return (
        f"DataStore: {count}, {format_bytes(used)} of {format_bytes(budget)} in memory"
    )


def _rows(entries: Sequence[tuple[str, Entry]]) -> list[tuple[str, ...]]:
    return [
        (
            name,
            f"({', '.join(n or '?' for n in entry.found.axis_names)}) "
            + describe_array(entry.found.shape, entry.found.dtype),
            entry.found.units,
            format_bytes(entry.found.nbytes),
            entry.tier + (", pinned" if entry.pinned else ""),
        )
        for name, entry in entries
    ]

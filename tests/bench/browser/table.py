"""The rows of the table, in their order, and what is asked of ours."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes
    ----------
    most
        What ours may take.
    """

    action: str
    unit: str
    most: float


AGAIN, FIRST, NEW, SEEN, BYTES, PER_PIXEL, LARGE, LARGER = range(8)
CUT_COLUMN, CUT_ROW, GROUP, NODES, STALL, SEARCH, FAR = range(8, 15)

ROWS = (
    Row("open to first picture, viewer already used once", "s", 0.5),
    Row("open to first picture, first viewer of a page", "s", 1.2),
    Row("next slice, not seen before", "s", 0.15),
    Row("next slice, seen before", "s", 0.05),
    Row("bytes until the first tile", "MB", 0.1),
    Row("bytes until settled, per drawn device pixel", "byte", 1.0),
    Row("4096 x 4096 frame, click to drawn", "s", 0.8),
    Row("8192 x 8192 frame, click to drawn", "s", 1.5),
    Row("cut (frame, column) with block index", "s", 0.3),
    Row("cut (frame, row)", "s", 1.0),
    Row("group of 100,000 entries, first page", "s", 0.5),
    Row("group of 100,000 entries, DOM nodes after scrolling", "nodes", 2000),
    Row("stall of /api/status during all of the above, p99 above idle", "s", 0.1),
    Row("search in an index of 1,000,000 scans", "s", 0.2),
    Row("next slice, not seen before, 20 Mbit/s and 150 ms", "s", 0.4),
)


class Found:
    """What was measured of one application."""

    def __init__(self) -> None:
        self.values: dict[int, list[float]] = defaultdict(list)
        self.aside: dict[str, list[float]] = defaultdict(list)
        self.asked: dict[str, list[dict[str, Any]]] = {}
        self.shades: list[int] = []
        self.notes: list[str] = []

    def add(self, row: int, value: float) -> None:
        """Take one value of a row."""
        self.values[row].append(value)

    def note(self, text: str) -> None:
        """Take a word on what is missing, once."""
        if text not in self.notes:
            self.notes.append(text)

    def median(self, row: int) -> float | None:
        """Give the median of a row; None where there is nothing."""
        values = self.values.get(row)
        return statistics.median(values) if values else None


def entries(ours: Found, peer: Found | None) -> list[dict[str, Any]]:
    """Give the table as it is written to build/bench/browser.json."""
    return [
        {
            "action": row.action,
            "peer": _rounded(peer.median(number)) if peer else None,
            "ours": _rounded(ours.median(number)),
            "unit": row.unit,
        }
        for number, row in enumerate(ROWS)
    ]


def _rounded(value: float | None) -> float | None:
    """Keep four digits."""
    if not value:
        return value
    return round(value, 3 - math.floor(math.log10(abs(value))))

"""Where a scan's proposal keeps what is made from it: `processed` beside `raw`."""

from __future__ import annotations

from pathlib import Path


def raw_folder(path: Path) -> Path | None:
    """Give the proposal's raw folder that a scan lies in."""
    return next((parent for parent in path.parents if parent.name == "raw"), None)


def processed_folder(path: Path) -> Path | None:
    """Give `processed` of the scan's proposal, if it is there."""
    raw = raw_folder(path)
    processed = raw.parent / "processed" if raw else None
    return processed if processed and processed.is_dir() else None

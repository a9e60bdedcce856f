"""What a scan says about itself: title, technique, start, sample."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from daisy_kernel.catalog.scans import ScanInfo, scan_info
from daisy_kernel.io import open_scan
from daisy_kernel.model import Dataset, Group, Scan
from daisy_kernel.model.errors import DataError, FileMissing, OptionalPackageMissing
from daisy_kernel.model.text import plain

_MOST_ENTRIES = 20


def describe(path: str | os.PathLike[str], info: ScanInfo | None = None) -> ScanInfo:
    """Open a scan and fill in what it says about itself.

    Parameters
    ----------
    path
        File or folder.
    info
        Its line from `scans`, if that is at hand.
    """
    known = info or scan_info(Path(path))
    if known is None:
        raise FileMissing(str(path), "there is no scan")
    try:
        with open_scan(path) as scan:
            return replace(known, **_fields(scan))
    except (DataError, OptionalPackageMissing) as error:
        return replace(known, problem=getattr(error, "reason", str(error)))


def _fields(scan: Scan) -> dict[str, Any]:
    entry = first_entry(scan)
    exchange = {"title": text(scan, "exchange/title")}
    if entry is None:
        sample = text(scan, "measurement/sample/name")
        return {**exchange, "sample": sample} if scan.format == "hdf5" else {}
    return {
        "title": text(entry, "title"),
        "technique": text(entry, "definition").removeprefix("NX"),
        "start_time": text(entry, "start_time"),
        "sample": text(entry, "sample/name"),
    }


def first_entry(scan: Scan) -> Group | None:
    """Give the first NXentry of a file."""
    for child in scan.children(limit=_MOST_ENTRIES):
        if child.kind == "group" and child.detail in ("NXentry", "NXsubentry"):
            found = scan.get(child.name)
            return found if isinstance(found, Group) else None
    return None


def text(parent: Scan | Group, path: str) -> str:
    """Read a scalar as text; empty where there is none."""
    found = parent.get(path)
    if not isinstance(found, Dataset) or found.size != 1:
        return ""
    try:
        return str(plain(found.read().reshape(-1)[0])).strip()
    except DataError:
        return ""

"""The files of a TIFF scan: which, and in which order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

SUFFIXES = (".tif", ".tiff")
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def is_tiff(path: Path) -> bool:
    """Look at the first four bytes."""
    with path.open("rb") as file:
        return file.read(4) in _MAGIC


def natural(name: str) -> list[Any]:
    """Sort key that puts frame_10 behind frame_9."""
    return [int(p) if p.isdigit() else p.lower() for p in re.split(r"(\d+)", name)]


def tiff_files(folder: Path) -> list[Path]:
    """List the TIFF files of a folder in natural order."""
    found = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES]
    shown = [p for p in found if not p.name.startswith(".")]
    return sorted(shown, key=lambda path: natural(path.name))


def gaps(paths: list[Path]) -> tuple[str, ...]:
    """Say where the numbering of the files jumps: frames may be missing there."""
    numbers = [_last_number(path.stem) for path in paths]
    if None in numbers or len(set(numbers)) < len(numbers):
        return ()
    pairs = zip(paths, paths[1:], numbers, numbers[1:], strict=False)
    jumps = [(a.name, b.name) for a, b, m, n in pairs if m and n and n[1] != m[1] + 1]
    if not jumps or len(jumps) > len(paths) // 4:  # numbered in steps, by angle say
        return ()
    more = f", and {len(jumps) - 1} more" if len(jumps) > 1 else ""
    before, after = jumps[0]
    return (f"the numbering of the files jumps from {before} to {after}{more}",)


def _last_number(stem: str) -> tuple[str, int] | None:
    found = re.search(r"(\d+)(\D*)$", stem)
    return (stem[: found.start()] + found[2], int(found[1])) if found else None

"""Files of a folder that belong together: their order, their series, their gaps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"(\d+)(?=\D*$)")
# where more than one step in four is a jump, files are numbered in steps, by angle say
_ODD_JUMPS = 4


def natural(name: str) -> list[Any]:
    """Sort key that puts frame_10 behind frame_9."""
    return [int(p) if p.isdigit() else p.lower() for p in re.split(r"(\d+)", name)]


def in_order(folder: Path, wanted: Callable[[Path], bool]) -> list[Path]:
    """List the files of a folder that are wanted, without hidden ones."""
    found = [p for p in folder.iterdir() if not p.name.startswith(".") and wanted(p)]
    return sorted(found, key=lambda path: natural(path.name))


def series_notes(paths: Sequence[Path]) -> tuple[str, ...]:
    """Say what is odd about files that are read as one stack."""
    names = [_split(path.stem) for path in paths]
    series = Counter(name for name, _ in names)
    if len(series) > 1:
        shown = ", ".join(f"{name or '(numbers)'}: {n}" for name, n in series.items())
        if len(series) < len(paths):  # not when every file has a name of its own
            return (f"{len(series)} series are joined in this order ({shown})",)
        return ()
    return _gaps(paths, [number for _, number in names])


def _gaps(paths: Sequence[Path], numbers: Sequence[int | None]) -> tuple[str, ...]:
    jumps = [
        (before, after)
        for before, after, m, n in zip(
            paths, paths[1:], numbers, numbers[1:], strict=False
        )
        if m is not None and n is not None and n != m + 1
    ]
    if not jumps or len(jumps) > max(1, len(paths) // _ODD_JUMPS):
        return ()
    more = f", and {len(jumps) - 1} more" if len(jumps) > 1 else ""
    before, after = jumps[0]
    return (f"the numbering jumps from {before.name} to {after.name}{more}",)


def _split(stem: str) -> tuple[str, int | None]:
    """Give the name without its last number, and that number."""
    found = _NUMBER.search(stem)
    if found is None:
        return stem, None
    return stem[: found.start()] + stem[found.end() :], int(found[1])

"""Several files as one scan: their signals are joined in the order given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from daisy_kernel.io.roots import Roots
from daisy_kernel.io.single import NAME, SingleScan
from daisy_kernel.io.stack import IMAGE, Member, Opened, StackArray
from daisy_kernel.model.errors import (
    FieldNotFound,
    FileMissing,
    NothingToShow,
    ShapeMismatch,
)
from daisy_kernel.model.nodes import ArraySource, ScanSource
from daisy_kernel.model.text import describe_array

OpenScan = Callable[[Path, Roots], ScanSource]


def open_series(paths: Sequence[Path], roots: Roots, open_scan: OpenScan) -> ScanSource:
    """Open files whose signals have frames of one shape and type.

    Raises
    ------
    ShapeMismatch
        Names the file whose frames differ.
    """
    array = join(tuple(paths), roots, open_scan)
    return SingleScan("series", array, array.attrs, array.notes, array.close)


def join(paths: tuple[Path, ...], roots: Roots, open_scan: OpenScan) -> StackArray:
    """Look at every file, and make one array of their signals."""
    if not paths:
        raise FileMissing("(no path)", "the list of files is empty")
    opened = _signal(paths[0], roots, open_scan, None)
    first, members = opened.array, []
    for path in paths:
        opener = partial(_signal, path, roots, open_scan, first.path)
        signal = opener()
        _check_like(path, signal.array, paths[0], first)
        members.append(Member(signal.array.shape, signal.array.written, opener))
        signal.close()
    names = f"from {paths[0].name} to {paths[-1].name}"
    notes = (f"{len(paths)} files are joined, {names}",)
    again = (join, (paths, roots, open_scan))
    stack = StackArray(str(paths[0]), NAME, first, members, again, notes)
    opened.close()
    return stack


def _signal(
    path: Path, roots: Roots, open_scan: OpenScan, inside: str | None
) -> Opened:
    """Open the dataset at a path inside a file, else the file's own default."""
    scan = open_scan(path, roots)
    found = _inside(scan, inside) or next(iter(scan.signals()), None)
    if found is None:
        scan.close()
        raise NothingToShow(str(path), "there are no numbers in it to join")
    return Opened(found, scan.close)


def _inside(scan: ScanSource, path: str | None) -> ArraySource | None:
    if path is None:
        return None
    try:
        found: Any = scan.root.get(path)
    except FieldNotFound:
        return None
    return found if hasattr(found, "shape") else None


def _check_like(
    path: Path, signal: ArraySource, first_path: Path, first: ArraySource
) -> None:
    at = 1 if len(first.shape) > IMAGE else 0
    alike = (
        len(signal.shape) == len(first.shape)
        and signal.shape[at:] == first.shape[at:]
        and signal.dtype == first.dtype
    )
    if not alike:
        raise ShapeMismatch(
            str(path),
            f"{signal.path} is {describe_array(signal.shape, signal.dtype)}, but "
            f"{first.path} of {first_path.name} is "
            f"{describe_array(first.shape, first.dtype)}: they do not make one stack",
        )

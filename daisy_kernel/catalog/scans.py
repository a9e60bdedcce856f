"""Scans of a proposal: files, folders of frames, stores; none of them is opened."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from daisy_kernel.io import is_frame, is_one_folder, is_parts, kind_of_file
from daisy_kernel.model import Page

Area = Literal["raw", "processed"]
# "hdf5", "tiff", "cbf" and so on, "zarr", or frames like "tiff-folder"
ScanKind = str
_FOLDER = "-folder"
_SKIPPED = ("notebooks",)
# raw data lie in raw/, raw/<day>/ or raw/<sample>/<day>/; deeper is no scan of ours
_DEEPEST = 4
# one stat per frame of a folder would make a listing slow
_MOST_STATS = 100


@dataclass(frozen=True)
class ScanInfo:
    """One line of the list of scans.

    `name` is the path below the area. What stands inside the file (title to
    sample) is filled by `describe`; `problem` says why it cannot be opened.
    """

    name: str
    path: str
    area: Area
    kind: ScanKind
    size: int
    mtime: float
    title: str = ""
    technique: str = ""
    start_time: str = ""
    sample: str = ""
    problem: str = ""


def scans(
    proposal: str | os.PathLike[str],
    offset: int = 0,
    limit: int = 100,
    filter: str = "",
) -> Page[ScanInfo]:
    """List scans of a proposal, newest first, page by page.

    Parameters
    ----------
    proposal
        Folder of the proposal.
    offset, limit
        The page.
    filter
        Only names that contain this text, upper or lower case.
    """
    folder = Path(proposal)
    found = [
        info
        for area in ("raw", "processed")
        for info in _area(folder / area, area)
        if filter.lower() in info.name.lower()
    ]
    found.sort(key=lambda info: (-info.mtime, info.name))
    page = tuple(_sized(info) for info in found[offset : offset + limit])
    return Page(page, len(found), offset)


def scan_info(
    path: Path, area: Area = "raw", top: Path | None = None
) -> ScanInfo | None:
    """Describe one path by its name and size; None if it is no scan."""
    kind = _kind(path)
    if kind is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    name = str(path.relative_to(top)) if top else path.name
    size = 0 if path.is_dir() else status.st_size
    empty = not path.is_dir() and not status.st_size
    problem = "the file is empty (0 bytes)" if empty else ""
    return ScanInfo(name, str(path), area, kind, size, status.st_mtime, problem=problem)


def _area(top: Path, area: Area) -> Iterator[ScanInfo]:
    for path in _candidates(top, 0):
        info = scan_info(path, area, top)
        if info is not None:
            yield info


def _candidates(folder: Path, depth: int) -> Iterator[Path]:
    """Walk through files; a folder with several frames is one candidate."""
    try:
        with os.scandir(folder) as entries:
            shown = [e for e in entries if not e.name.startswith(".")]
    except OSError:
        return
    frames = {e.name for e in shown if is_frame(kind_of_file(e.name))}
    one_scan = depth > 0 and len(frames) > 1
    if one_scan:
        yield folder
    for entry in shown:
        path = Path(entry.path)
        if entry.is_dir():
            yield from _below(path, depth)
        elif not (one_scan and entry.name in frames):
            yield path


def _below(folder: Path, depth: int) -> Iterator[Path]:
    if is_one_folder(folder):
        if not is_parts(folder):
            yield folder
    elif folder.name not in _SKIPPED and depth < _DEEPEST:
        yield from _candidates(folder, depth + 1)


def _kind(path: Path) -> ScanKind | None:
    if path.is_file():
        return kind_of_file(path.name)
    if not path.is_dir():
        return None
    if is_one_folder(path):
        return "zarr"
    kinds = Counter(kind_of_file(entry.name) for entry in _frames(path))
    most = kinds.most_common(1)
    return f"{most[0][0] if most else 'tiff'}{_FOLDER}"


def _frames(folder: str | Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if is_frame(kind_of_file(entry.name))]


def _sized(info: ScanInfo) -> ScanInfo:
    if not info.kind.endswith(_FOLDER):
        return info
    frames = _frames(info.path)
    some = [entry.stat().st_size for entry in frames[:_MOST_STATS]]
    return replace(info, size=int(sum(some) / len(some) * len(frames)) if some else 0)

"""Scans of a proposal: files, folders of frames, stores; none of them is opened."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from daisy_kernel.catalog.info import Area, ScanInfo, ScanKind
from daisy_kernel.io import (
    is_frame,
    is_one_folder,
    is_part,
    is_parts,
    kind_of_file,
)
from daisy_kernel.model import Page

AREAS: tuple[Area, Area] = ("raw", "processed")
_FOLDER = "-folder"
_SKIPPED = ("notebooks",)
# raw data lie in raw/, raw/<day>/ or raw/<sample>/<day>/; deeper is no scan of ours
_DEEPEST = 4
# one stat per frame of a folder would make a listing slow
_MOST_STATS = 100


def scans(
    proposal: str | os.PathLike[str],
    offset: int = 0,
    limit: int = 100,
    filter: str = "",
) -> Page[ScanInfo]:
    """List scans of a proposal as the folders show them, newest first, in pages.

    Parameters
    ----------
    proposal
        Folder of the proposal.
    offset, limit
        The page.
    filter
        Only names that contain this text, upper or lower case.
    """
    found = [info for info in walk(proposal) if filter.lower() in info.name.lower()]
    found.sort(key=lambda info: (-info.mtime, info.name))
    page = tuple(sized(info) for info in found[offset : offset + limit])
    return Page(page, len(found), offset)


def walk(proposal: str | os.PathLike[str]) -> Iterator[ScanInfo]:
    """Go through the scans of a proposal, in no order; sizes of folders are 0.

    A link that leads out of the proposal is not followed.
    """
    for area in AREAS:
        yield from walk_below(proposal, Path(proposal, area))


def walk_below(
    proposal: str | os.PathLike[str], path: str | os.PathLike[str]
) -> Iterator[ScanInfo]:
    """Go through the scans that a file or folder of a proposal belongs to or holds."""
    folder = Path(proposal)
    for area in AREAS:
        top = folder / area
        if Path(path).is_relative_to(top):
            yield from _infos(_at(top, Path(path)), folder, area)


def scan_info(
    path: Path, area: Area = "raw", proposal: Path | None = None
) -> ScanInfo | None:
    """Describe one path by its name and size; None if it is no scan."""
    kind = _kind(path)
    if kind is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    name = str(path.relative_to(proposal / area)) if proposal else path.name
    size = 0 if path.is_dir() else status.st_size
    return ScanInfo(
        name,
        str(path),
        area,
        kind,
        size,
        status.st_mtime,
        problem=_problem(path, status.st_size),
        beamline=proposal.parent.name if proposal else "",
        proposal=proposal.name if proposal else "",
        # without the device: that differs between machines that mount one tree
        identity=f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}",
    )


def _problem(path: Path, size: int) -> str:
    if path.is_dir():
        return "you may not read this folder" if _is_closed(path) else ""
    return "" if size else "the file is empty (0 bytes)"


def sized(info: ScanInfo) -> ScanInfo:
    """Fill in the size of a folder of frames, from some of them."""
    if not info.kind.endswith(_FOLDER):
        return info
    try:
        frames = _frames(info.path)
        some = [entry.stat().st_size for entry in frames[:_MOST_STATS]]
    except OSError:
        return info
    return replace(info, size=int(sum(some) / len(some) * len(frames)) if some else 0)


def _infos(paths: Iterator[Path], proposal: Path, area: Area) -> Iterator[ScanInfo]:
    inside = proposal.resolve()
    for path in paths:
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            continue
        info = scan_info(path, area, proposal)
        if info is not None:
            yield info


def _candidates(folder: Path, depth: int) -> Iterator[Path]:
    """Walk through files; a folder with several frames is one candidate."""
    here, below = _listed(folder, depth)
    yield from here
    for path in below:
        yield from _below(path, depth)


def _listed(folder: Path, depth: int) -> tuple[list[Path], list[Path]]:
    """Give the candidates that stand in a folder, and the folders to look into."""
    try:
        with os.scandir(folder) as entries:
            shown = [e for e in entries if not e.name.startswith(".")]
    except OSError:
        return [], []
    names = {e.name for e in shown}
    frames = {name for name in names if is_frame(kind_of_file(name))}
    one_scan = depth > 0 and len(frames) > 1
    here = [folder] if one_scan else []
    below = []
    for entry in shown:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            below.append(path)
        elif path.is_dir():
            # what is behind a link can be a scan, but no tree to walk
            if is_one_folder(path) or _holds_frames(path):
                here.append(path)
        elif not (one_scan and entry.name in frames) and not is_part(path.name, names):
            here.append(path)
    return here, below


def _below(folder: Path, depth: int) -> Iterator[Path]:
    if is_one_folder(folder):
        if not is_parts(folder):
            yield folder
    elif _is_closed(folder):
        yield folder  # to be seen, with the reason why nothing of it is
    elif folder.name not in _SKIPPED and depth < _DEEPEST:
        yield from _candidates(folder, depth + 1)


def _at(top: Path, path: Path) -> Iterator[Path]:
    """Find what the walk from *top* would find at a path or below it."""
    parts = path.relative_to(top).parts
    folders = [top.joinpath(*parts[:n]) for n in range(1, len(parts))]
    if any(f.name in _SKIPPED or f.name.startswith(".") for f in [*folders, path]):
        return
    one = next((folder for folder in folders if is_one_folder(folder)), None)
    if one is not None:
        yield from () if is_parts(one) else (one,)
    elif not path.is_dir():
        here, _ = _listed(path.parent, len(folders))
        yield from (found for found in here if found in (path, path.parent))
    elif parts:
        yield from _below(path, len(folders))
    else:
        yield from _candidates(top, 0)


def _is_closed(folder: Path) -> bool:
    return not os.access(folder, os.R_OK | os.X_OK)


def _holds_frames(folder: Path) -> bool:
    try:
        return len(_frames(folder)) > 1
    except OSError:
        return False


def _kind(path: Path) -> ScanKind | None:
    if path.is_file():
        return kind_of_file(path.name)
    if not path.is_dir():
        return None
    if is_one_folder(path):
        return "zarr"
    try:
        kinds = Counter(kind_of_file(entry.name) for entry in _frames(path))
    except PermissionError:
        kinds = Counter()
    except OSError:
        return None
    most = kinds.most_common(1)
    return f"{most[0][0] if most else 'tiff'}{_FOLDER}"


def _frames(folder: str | Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if is_frame(kind_of_file(entry.name))]

"""Master files of Dectris detectors: the data files they link to, as one stack.

`entry/data` of such a file holds external links `data_000001`, `data_000002`, ...,
each to a part of the frames, and nothing that stands for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.scan import Hdf5Scan
from daisy_kernel.io.hdf5.walk import names, root_place, walk
from daisy_kernel.io.roots import Roots
from daisy_kernel.io.stack import Member, Opened, StackArray
from daisy_kernel.model import Child, Page, Problem
from daisy_kernel.model.errors import DataError, FileDamaged, ShapeMismatch
from daisy_kernel.model.nodes import ArraySource, GroupSource, ScanSource
from daisy_kernel.model.text import describe_array, plain

GROUP = "entry/data"
JOINED = f"{GROUP}/data"
_NAME = re.compile(r"data_\d{6}")
_FRAMES = 3


def open_hdf5(path: Path, roots: Roots) -> ScanSource:
    """Open an HDF5 file; the frames of a master file come as one stack."""
    parts = data_names(path, roots)
    if parts:
        try:
            return MasterScan(path, roots)
        except DataError:  # none of the data files is there: the tree says which
            pass
    return Hdf5Scan(path, roots)


def data_names(path: Path, roots: Roots) -> list[str]:
    """List the links to data files; none where the file has its own `data`."""
    files = Files(roots)
    try:
        found = names(walk(files, root_place(files, path), GROUP))
    except DataError:
        return []
    finally:
        files.close()
    return [] if "data" in found else sorted(n for n in found if _NAME.fullmatch(n))


class MasterScan:
    """Implements ScanSource: an HDF5 scan whose first signal are all frames."""

    format = "hdf5"

    def __init__(self, path: Path, roots: Roots) -> None:
        self.path, self._roots = str(path), roots
        self._scan = Hdf5Scan(path, roots)
        self._joined = join(path, roots)
        self.root = MasterGroup(self._scan.root, self._joined)

    def signals(self) -> tuple[ArraySource, ...]:
        """Give all frames, and then what else is worth drawing."""
        others = [s for s in self._scan.signals() if not _is_part(s.path)]
        return (self._joined, *others)

    def notes(self) -> tuple[str, ...]:
        """Say what should be known about the choice of the signal."""
        return (*self._joined.notes, *self._scan.notes())

    def missing(self) -> tuple[Problem, ...]:
        """List links and virtual sources without target."""
        return self._scan.missing()

    def refresh(self) -> None:
        """Look again: more data files may be there."""
        self._scan.refresh()
        self._joined.refresh()
        self.root = MasterGroup(self._scan.root, self._joined)

    def close(self) -> None:
        """Let go of all files."""
        self._joined.close()
        self._scan.close()


class MasterGroup:
    """Implements GroupSource: the root of the file, where the stack has a path."""

    path = ""

    def __init__(self, root: GroupSource, joined: StackArray) -> None:
        self.file, self._root, self._joined = root.file, root, joined

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes, decoded."""
        return self._root.attrs

    def children(self, offset: int, limit: int, filter: str) -> Page[Child]:
        """List a part of the members."""
        return self._root.children(offset, limit, filter)

    def get(self, path: str) -> ArraySource | GroupSource:
        """Open a member."""
        if path.strip("/") == JOINED:
            return self._joined
        return self._root.get(path)


def join(path: Path, roots: Roots) -> StackArray:
    """Join the data files up to the first one that is missing."""
    first: ArraySource | None = None
    members: list[Member] = []
    notes: list[str] = []
    every = data_names(path, roots)
    scan = Hdf5Scan(path, roots)
    for number, name in enumerate(every):
        try:
            part = _part(scan, name)
        except DataError as error:
            notes.append(_cut(every[number:], error))
            break
        first = first or part
        _check_like(path, part, first)
        notes += _order(part, sum(member.shape[0] for member in members))
        opener = partial(_open, path, roots, name)
        members.append(Member(part.shape, part.written, opener))
    if first is None:
        raise FileDamaged(str(path), "; ".join(notes) or "no data files are linked")
    again = (join, (path, roots))
    stack = StackArray(str(path), JOINED, first, members, again, tuple(notes))
    scan.close()
    return stack


def _open(path: Path, roots: Roots, name: str) -> Opened:
    scan = Hdf5Scan(path, roots)
    return Opened(_part(scan, name), scan.close)


def _part(scan: Hdf5Scan, name: str) -> ArraySource:
    found: Any = scan.root.get(f"{GROUP}/{name}")
    if len(getattr(found, "shape", ())) != _FRAMES:
        raise FileDamaged(scan.path, f"{GROUP}/{name} holds no frames")
    part: ArraySource = found
    return part


def _is_part(path: str) -> bool:
    group, _, name = path.rpartition("/")
    return group == GROUP and bool(_NAME.fullmatch(name))


def _cut(left: list[str], error: DataError) -> str:
    """Say what the stack lacks: what comes behind a gap has no number to stand at."""
    more = f" and {len(left) - 1} behind it" if len(left) > 1 else ""
    return f"the frames of {left[0]}{more} are left out: {error}"


def _order(part: ArraySource, before: int) -> list[str]:
    """Compare with the number that the detector gave to the first frame, from 1."""
    number = plain(part.attrs.get("image_nr_low"))
    if not isinstance(number, int) or number == before + 1:
        return []
    return [f"{part.path} begins with image {number}, here it is {before + 1}"]


def _check_like(path: Path, part: ArraySource, first: ArraySource) -> None:
    if part.shape[1:] != first.shape[1:] or part.dtype != first.dtype:
        raise ShapeMismatch(
            str(path),
            f"{part.path} is {describe_array(part.shape, part.dtype)}, {first.path} is "
            f"{describe_array(first.shape, first.dtype)}",
        )

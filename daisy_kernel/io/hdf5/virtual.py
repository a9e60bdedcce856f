"""Look behind a dataset: virtual sources and external storage that are absent.

HDF5 fills absent sources with zeros without a word, so each one is followed to
the numbers before anything is read: the file, the way inside it (which may lead
over a broken link), and the sources of the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.walk import Place, find_file, root_place, walk
from daisy_kernel.model.errors import DataError, OutsideData, SourceMissing
from daisy_kernel.model.nodes import Kind

_DEEPEST = 8
Box = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Hole:
    """A part of a dataset that has no data behind it.

    `box` holds first and last index per axis, in the dataset.
    """

    kind: Kind
    reason: str
    box: Box

    def meets(self, slices: tuple[slice, ...]) -> bool:
        """Whether a rising selection touches the hole."""
        return all(
            cut.start <= last and cut.stop > first and cut.stop > cut.start
            for cut, (first, last) in zip(slices, self.box, strict=True)
        )


def holes(files: Files, place: Place, depth: int = 0) -> tuple[Hole, ...]:
    """List what is absent behind a dataset."""
    dataset = h5py.Dataset(place.object)
    shape = dataset.shape or ()
    whole = tuple((0, size - 1) for size in shape)
    found = [
        Hole(kind, reason, whole)
        for kind, reason in _external_storage(files, place, dataset)
    ]
    if dataset.is_virtual:
        for source in dataset.virtual_sources():
            found += _source_holes(files, place, source, whole, depth)
    return tuple(found)


def _external_storage(
    files: Files, place: Place, dataset: h5py.Dataset
) -> list[tuple[Kind, str]]:
    problems: list[tuple[Kind, str]] = []
    for name, _offset, _size in dataset.external or ():
        path = find_file(name, place.file)
        if path is None:
            problems.append(("missing", f"raw data file {name}: there is no such file"))
        elif not files.allows(path):
            problems.append(("outside", "raw data file outside your data"))
    return problems


def _source_holes(
    files: Files, place: Place, source: Any, whole: Box, depth: int
) -> list[Hole]:
    box = _bounds(source.vspace) or whole
    shown = f"virtual source {source.file_name} : {source.dset_name}"
    if depth >= _DEEPEST:
        return [Hole("missing", f"{shown}: more than {_DEEPEST} sources deep", box)]
    try:
        found = _find(files, place, _first(source.file_name), _first(source.dset_name))
        below = holes(files, found, depth + 1)
    except OutsideData:
        return [Hole("outside", "virtual source outside your data", box)]
    except DataError as error:
        return [Hole("missing", f"{shown}: {error}", box)]
    if below:
        return [Hole(below[0].kind, f"{shown}: {below[0].reason}", box)]
    return _unfilled(source, h5py.Dataset(found.object), box, shown)


def _find(files: Files, place: Place, name: str, target: str) -> Place:
    if name == ".":
        path: Path | None = place.file
    else:
        path = find_file(name, place.file)
    if path is None:
        raise SourceMissing(target, f"there is no file {name}")
    if not files.allows(path):
        raise OutsideData(target, "a file outside your data")
    found = walk(files, root_place(files, path), target)
    if found.is_group:
        raise SourceMissing(target, "it is a group, not a dataset")
    return found


def _unfilled(source: Any, found: h5py.Dataset, box: Box, shown: str) -> list[Hole]:
    """Name the part of a mapping that its source is still too short for."""
    # a mapping of a whole source does not say how large that was
    wanted = _bounds(source.src_space) or tuple((0, last - a) for a, last in box)
    if len(wanted) != len(found.shape) or len(wanted) != len(box):
        return []
    if all(last < size for (_, last), size in zip(wanted, found.shape, strict=True)):
        return []
    there = max(0, found.shape[0] - wanted[0][0])
    rest = ((box[0][0] + there, box[0][1]), *box[1:])
    return [Hole("missing", f"{shown}: it has shape {found.shape} only", rest)]


def _bounds(space: Any) -> Box | None:
    kind = space.get_select_type()
    if kind == h5py.h5s.SEL_NONE:
        return None
    if kind == h5py.h5s.SEL_ALL:
        return tuple((0, int(size) - 1) for size in space.shape)
    try:
        first, last = space.get_select_bounds()
    except (RuntimeError, ValueError):  # an unlimited selection has no bounds
        return None
    return tuple((int(a), int(b)) for a, b in zip(first, last, strict=True))


def _first(pattern: str) -> str:
    """Name of the first block of a printf-style source ("scan_%b.h5")."""
    return pattern.replace("%%", "\0").replace("%b", "0").replace("\0", "%")

"""Follow a path through groups and links, step by step.

HDF5 would open linked files by itself, wherever they lie, and say little when
they are absent. So links are followed here: each target file is looked for as
HDF5 does, must lie in the allowed folders, and a missing one is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
from h5py import h5d, h5g, h5i, h5l, h5o, h5p

from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.model.errors import (
    DataError,
    FieldNotFound,
    FileDamaged,
    OutsideData,
    SourceMissing,
)
from daisy_kernel.model.text import decode

_MOST_LINKS = 32
Identity = tuple[int, int]


@dataclass(frozen=True)
class Place:
    """An object, and how it was reached.

    `path` is the way through the scan, `file` and `inner` are where it lies,
    `parents` the identities of the groups on the way (to see loops).
    """

    object: Any
    path: str
    file: Path
    inner: str
    parents: tuple[Identity, ...] = ()

    @property
    def identity(self) -> Identity:
        """File number and address: the same object has the same."""
        try:
            info = h5o.get_info(self.object)
        except RuntimeError as error:
            raise FileDamaged(
                f"{self.file}: {self.path or '/'}", f"cannot be looked at: {error}"
            ) from error
        return int(info.fileno), int(info.addr)

    @property
    def is_group(self) -> bool:
        """Whether this is a group."""
        return bool(h5i.get_type(self.object) == h5i.GROUP)


class Anchor:
    """A place that is found again when the files have been opened again.

    Parameters
    ----------
    scan
        The file that the place was reached from.
    """

    def __init__(self, files: Files, place: Place, scan: str) -> None:
        self._files, self._place, self._scan = files, place, scan
        self._generation = files.generation

    @property
    def place(self) -> Place:
        """The place in the files as they are open now."""
        if self._generation != self._files.generation:
            top = root_place(self._files, Path(self._scan))
            self._place = walk(self._files, top, self._place.path)
            self._generation = self._files.generation
        return self._place


def root_place(files: Files, path: Path) -> Place:
    """Give the root group of a file."""
    file = files.open(path)
    return Place(h5g.open(file.id, b"/"), "", path, "")


def walk(files: Files, start: Place, path: str, links: int = 0) -> Place:
    """Go from a group to what a relative path names, through all links.

    Raises
    ------
    FieldNotFound
        A name on the way does not exist.
    SourceMissing, OutsideData
        A link on the way leads nowhere, or out of the allowed folders.
    """
    place = start
    for name in [part for part in path.split("/") if part not in ("", ".")]:
        place = _step(files, place, name, links)
    return place


def link_info(group: Any, name: str) -> Any:
    """Give the kind of a link, None where the name does not exist."""
    try:
        return group.links.get_info(name.encode())
    except (KeyError, RuntimeError, ValueError):
        return None


def link_text(group: Any, name: str) -> str:
    """Say where a link leads; empty for a hard link."""
    info = link_info(group, name)
    if info is None or info.type == h5l.TYPE_HARD:
        return ""
    target = group.links.get_val(name.encode())
    if info.type == h5l.TYPE_SOFT:
        return f"soft link to {decode(target)}"
    if info.type == h5l.TYPE_EXTERNAL:
        file, inside = map(decode, target)
        return f"external link to {file} : {inside}"
    return "a link of a kind that DAISY does not know"


def _step(files: Files, place: Place, name: str, links: int) -> Place:
    where = f"{place.path}/{name}".lstrip("/")
    info = link_info(place.object, name) if place.is_group else None
    if info is None:
        raise FieldNotFound(_name(place), name, names(place))
    if info.type == h5l.TYPE_HARD:
        inner = f"{place.inner}/{name}".lstrip("/")
        parents = (*place.parents, place.identity)
        return Place(_open(place, name), where, place.file, inner, parents)
    if links >= _MOST_LINKS:
        raise SourceMissing(where, f"more than {_MOST_LINKS} links in a row: a circle")
    target = place.object.links.get_val(name.encode())
    if info.type == h5l.TYPE_SOFT:
        found = _soft(files, place, decode(target), where, links)
    elif info.type == h5l.TYPE_EXTERNAL:
        file, inside = map(decode, target)
        found = _external(files, place, file, inside, where, links)
    else:
        raise SourceMissing(where, "a link of a kind that DAISY does not know")
    parents = (*place.parents, place.identity)
    return Place(found.object, where, found.file, found.inner, parents)


def _open(place: Place, name: str) -> Any:
    key = name.encode()
    try:
        opened = h5o.open(place.object, key)
        if not _has_raw_files(opened):
            return opened
        del opened  # HDF5 takes the prefix of the first one that opens a dataset
        access = h5p.create(h5p.DATASET_ACCESS)
        # HDF5 looks for raw data files in the working directory otherwise
        access.set_efile_prefix(b"${ORIGIN}")
        return h5d.open(place.object, key, access)
    except (KeyError, RuntimeError, OSError, ValueError) as error:
        raise SourceMissing(
            f"{place.path}/{name}", f"cannot be opened: {error}"
        ) from error


def _has_raw_files(opened: Any) -> bool:
    if h5i.get_type(opened) != h5i.DATASET:
        return False
    return bool(opened.get_create_plist().get_external_count())


def _soft(files: Files, place: Place, target: str, where: str, links: int) -> Place:
    top = Place(h5g.open(h5py.h5i.get_file_id(place.object), b"/"), "", place.file, "")
    start = top if target.startswith("/") else place
    try:
        return walk(files, start, target, links + 1)
    except FieldNotFound as error:
        hint = _root_hint(files, top, target)
        reason = f"soft link to {target!r}, where there is no {error.field!r}{hint}"
        raise SourceMissing(where, reason) from error


def _root_hint(files: Files, top: Place, target: str) -> str:
    if target.startswith("/"):
        return ""
    try:
        walk(files, top, target, _MOST_LINKS)
    except DataError:
        return ""
    return f"; /{target} exists, so a leading slash may be missing"


def _external(
    files: Files, place: Place, name: str, target: str, where: str, links: int
) -> Place:
    shown = f"external link to {name} : {target}"
    path = find_file(name, place.file)
    if path is None:
        raise SourceMissing(where, f"{shown}: there is no such file")
    if not files.allows(path):
        raise OutsideData(where, "external link to a file outside your data")
    try:
        return walk(files, root_place(files, path), target, links + 1)
    except FieldNotFound as error:
        raise SourceMissing(where, f"{shown}: the file has no {target}") from error
    except (SourceMissing, OutsideData):
        raise
    except DataError as error:
        raise SourceMissing(where, f"{shown}: {error}") from error


def find_file(name: str, beside: Path) -> Path | None:
    """Look for a linked file as HDF5 does.

    An absolute path counts first, then its base name beside the file that holds
    the link, since files are moved together.
    """
    given = Path(name)
    candidates = [given] if given.is_absolute() else []
    local = given.name if given.is_absolute() else name
    candidates += [beside.parent / local, beside.resolve().parent / local]
    for candidate in candidates:
        try:
            if candidate.is_file():
                return candidate
        except OSError:
            continue
    return None


def names(place: Place) -> list[str]:
    """List the members of a group, by name."""
    found: list[bytes] = []
    if place.is_group:
        place.object.links.iterate(found.append)
    return [decode(name) for name in found]


def _name(place: Place) -> str:
    return f"{place.file}: {place.path or '/'}"

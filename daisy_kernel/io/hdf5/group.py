"""A group in an HDF5 file, listed page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
from h5py import h5l, h5o

from daisy_kernel.io.hdf5.array import Hdf5Array
from daisy_kernel.io.hdf5.attributes import Attributes
from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.walk import (
    Anchor,
    Place,
    link_info,
    link_text,
    names,
    walk,
)
from daisy_kernel.model import Child, Page
from daisy_kernel.model.errors import DataError, OutsideData
from daisy_kernel.model.text import decode, describe_array, plain

MakeArray = Callable[[Place], Hdf5Array]


class Hdf5Group:
    """Implements GroupSource with h5py's low-level iteration."""

    def __init__(self, files: Files, place: Place, scan: str, array: MakeArray) -> None:
        self.path, self.file = place.path, scan
        self._files, self._array = files, array
        self._anchor = Anchor(files, place, scan)

    @property
    def attrs(self) -> Attributes:
        """Attributes, decoded."""
        return Attributes(self._place.object)

    @property
    def _place(self) -> Place:
        return self._anchor.place

    def children(self, offset: int, limit: int, filter: str) -> Page[Child]:
        """List members by name; only those of the page are looked at."""
        if filter:
            found = [n for n in names(self._place) if filter.lower() in n.lower()]
            total, shown = len(found), found[offset : offset + limit]
        else:
            total = int(self._place.object.get_num_objs())
            shown = _names_from(self._place, offset, min(limit, total - offset))
        return Page(tuple(self._child(name) for name in shown), total, offset)

    def names_of_groups(self) -> Iterator[str]:
        """Give the names of groups; of a hard link only the kind is looked at."""
        for name in names(self._place):
            if self._may_be_group(name) and self._child(name).kind == "group":
                yield name

    def _may_be_group(self, name: str) -> bool:
        link = link_info(self._place.object, name)
        if link is None or link.type != h5l.TYPE_HARD:
            return link is not None
        try:
            kind = h5o.get_info(self._place.object, name.encode()).type
        except (KeyError, RuntimeError, ValueError):
            return False
        return bool(kind == h5o.TYPE_GROUP)

    def get(self, path: str) -> Hdf5Array | Hdf5Group:
        """Open a member; a leading slash means the root of the scan."""
        return self._files.steadily(Path(self.file), lambda: self._open(path))

    def _open(self, path: str) -> Hdf5Array | Hdf5Group:
        place = walk(self._files, self._place, path)
        if place.is_group:
            return Hdf5Group(self._files, place, self.file, self._array)
        return self._array(place)

    def _child(self, name: str) -> Child:
        path = f"{self.path}/{name}".lstrip("/")
        try:
            place = walk(self._files, self._place, name)
        except OutsideData as error:
            return Child(name, path, "outside", error.reason)
        except DataError as error:
            return Child(name, path, "missing", getattr(error, "reason", str(error)))
        link = link_text(self._place.object, name)
        if not place.is_group:
            return Child(name, path, "dataset", _dataset_detail(place), link)
        if place.identity in place.parents:
            return Child(name, path, "loop", "leads back to a group above", link)
        kind = plain(Attributes(place.object).get("NX_class", ""))
        return Child(name, path, "group", str(kind or ""), link)


def _dataset_detail(place: Place) -> str:
    if h5py.h5i.get_type(place.object) != h5py.h5i.DATASET:
        return "named type"
    dataset = h5py.Dataset(place.object)
    try:
        if dataset.shape is None:
            return "empty"
        return describe_array(dataset.shape, dataset.dtype)
    except (TypeError, ValueError, KeyError):
        return "a type that numpy does not know"


def _names_from(place: Place, offset: int, count: int) -> list[str]:
    found: list[bytes] = []

    def take(name: bytes) -> Any:
        found.append(name)
        return True if len(found) >= count else None

    if count > 0:
        place.object.links.iterate(take, idx=offset)
    return [decode(name) for name in found]

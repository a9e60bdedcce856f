"""DataStore: named data objects, in memory as far as there is room."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from daisy_kernel.model import DataObject, Dataset, Quantity, data_object
from daisy_kernel.model.closing import Closing
from daisy_kernel.model.data import AxesLike
from daisy_kernel.model.errors import NotInStore, ParameterRefused, StoreFull
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.text import format_bytes, parse_bytes
from daisy_kernel.store.disk import Disk, can_be_written
from daisy_kernel.store.entry import Entry, Tier, entry_of
from daisy_kernel.store.identity import identity_of
from daisy_kernel.store.names import checked
from daisy_kernel.store.shared import Segment
from daisy_kernel.store.table import store_html, store_text


class DataStore(MutableMapping[str, DataObject], Closing):
    """Data objects by name. What memory has no room for goes to disk.

    The same name gives the same object, wherever its values lie: in the file of a
    scan, in memory, in shared memory, on disk, or in the memory of a cluster. It can
    be used by several threads.

    Parameters
    ----------
    memory
        Most bytes of this machine's memory, as a number or like "2 GiB". Beyond it,
        objects that were not used for the longest time go to disk.
    folder
        Where to; by default a private one, which is removed when the store is closed.
    cluster
        A dask client, or an engine that has one, for the tier "cluster".

    Examples
    --------
    >>> store = DataStore(memory="1 MiB")
    >>> store.put("maps/iron", np.ones((3, 4)), axes="y x", units="counts")
    >>> store["maps/iron"]
    <DataObject (y, x) 3 x 4 float64, counts>
    """

    def __init__(
        self,
        memory: str | int = "2 GiB",
        folder: str | os.PathLike[str] | None = None,
        cluster: Any = None,
    ) -> None:
        self.budget = parse_bytes(memory)
        self._cluster = cluster
        self._disk = Disk(folder)
        self._entries: dict[str, Entry] = {}
        self._lock = threading.RLock()  # of the table, for an instant
        self._moving = threading.RLock()  # of who moves values, one at a time

    @property
    def used(self) -> int:
        """Bytes of memory and shared memory that the values take."""
        with self._lock:
            return sum(entry.held for entry in self._entries.values())

    def put(
        self,
        name: str,
        value: Any,
        *,
        axes: AxesLike | None = None,
        units: str | None = None,
        geometry: Mapping[str, Quantity] | None = None,
        mask: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Keep an object under a name; one of that name is replaced.

        Parameters
        ----------
        name
            Like "iron", or "maps/iron".
        value
            An array or number (not copied), a Dataset (not read), a DataObject, or a
            Volume.
        axes, units, geometry, mask
            See `data_object`; instead of what *value* has.

        Raises
        ------
        StoreFull
            There is no room, for what memory holds is pinned. It is not kept.
        WriteFailed
            Something had to go to disk, which is full, for example. All is kept in
            memory.
        """
        made = data_object(value, axes=axes, units=units, geometry=geometry, mask=mask)
        entry = entry_of(made)
        with self._moving:
            fits = self._stays(checked(name)) + entry.held <= self.budget
            if not fits and not can_be_written(made):
                raise self._full(name, entry)
            self._replace(name, entry)
            if not fits:  # it alone goes, not what is there for its sake
                self._move(name, entry, "disk")
            self._make_room()

    def tier(self, name: str) -> Tier:
        """Say where the values lie: "file", "memory", "shared", "disk", "cluster"."""
        return self._entry(name).tier

    def move(self, name: str, tier: Tier) -> None:
        """Bring the values to another place; the object stays the same.

        Raises
        ------
        ParameterRefused
            There is no such tier, or no cluster.
        StoreFull
            There is no room in memory, for what it holds is pinned.
        WriteFailed, EngineUnavailable
            The values stay where they are.
        """
        if tier not in get_args(Tier) or tier == "file":
            raise ParameterRefused(
                f"{name} cannot go to {tier!r}: there are memory, shared, disk, cluster"
            )
        with self._moving:
            entry = self._entry(name)
            entry.touch()
            if entry.tier != tier:
                self._move(name, entry, tier)
                self._make_room()

    def pin(self, name: str) -> None:
        """Keep an object where it is, whatever else needs the room."""
        with self._moving:
            self._entry(name).pinned = True

    def unpin(self, name: str) -> None:
        """Let an object go to disk again."""
        with self._moving:
            self._entry(name).pinned = False
            self._make_room()

    def close(self) -> None:
        """Let go of all objects, of shared memory, and of the private folder."""
        with self._moving, self._lock:
            for entry in self._entries.values():
                if entry.segment is not None:
                    entry.segment.free()
            self._entries.clear()
            self._disk.close()

    def __getitem__(self, name: str) -> DataObject:
        entry = self._entry(name)
        entry.touch()
        return entry.found

    def __setitem__(self, name: str, value: Any) -> None:
        self.put(name, value)

    def __delitem__(self, name: str) -> None:
        with self._moving:
            self._entry(name)
            self._replace(name, None)

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __repr__(self) -> str:
        return store_text(self._listed(), self.used, self.budget)

    def _repr_html_(self) -> str:
        return store_html(self._listed(), self.used, self.budget)

    def _listed(self) -> list[tuple[str, Entry]]:
        with self._lock:
            return list(self._entries.items())

    def _entry(self, name: str) -> Entry:
        with self._lock:
            if name not in self._entries:
                raise NotInStore(str(name), self._entries)
            return self._entries[name]

    def _replace(self, name: str, entry: Entry | None) -> None:
        """Put an entry in the place of another, whose values are let go of."""
        with self._lock:
            before = self._entries.get(name)
            if entry is None:
                self._entries.pop(name, None)
            else:
                self._entries[name] = entry
        if before is not None and before.segment is not None:
            before.segment.free()
        if before is not None and before.tier == "disk":
            self._disk.remove_later(before.found)

    def _make_room(self) -> None:
        """Bring the least used objects to disk until the rest fits."""
        with self._moving:
            while self.used > self.budget:
                victim = self._least_used()
                if victim is None:
                    return
                self._move(*victim, "disk")

    def _least_used(self) -> tuple[str, Entry] | None:
        movable = [
            (name, entry)
            for name, entry in self._listed()
            if entry.held and not entry.pinned and can_be_written(entry.found)
        ]
        return min(movable, key=lambda item: item[1].used, default=None)

    def _move(self, name: str, entry: Entry, tier: Tier) -> None:
        values, segment = self._brought(name, entry, tier)
        # where they were says who they are, so it is noted before they go
        origin = replace(entry.found.origin, identity=identity_of(entry.found))
        found = replace(entry.found, data=values, origin=origin)
        self._replace(name, Entry(found, tier, segment, entry.pinned, entry.used))

    def _brought(
        self, name: str, entry: Entry, tier: Tier
    ) -> tuple[Array | Dataset, Segment | None]:
        """Give the values at their new place."""
        found = entry.found
        if tier == "disk":
            return self._disk.write(name, found), None
        if tier == "cluster":
            return self._scattered(name, found), None
        if self._stays(name) + found.nbytes > self.budget:
            raise self._full(name, entry)
        values = np.asarray(found.read())
        if tier == "memory":
            return (values.copy() if entry.segment else values), None
        segment = Segment.of(values)
        return segment.array, segment

    def _scattered(self, name: str, found: DataObject) -> Dataset:
        if self._cluster is None:
            raise ParameterRefused(
                f"{name} cannot go to 'cluster': the store has none. Make it with "
                "DataStore(cluster=client)"
            )
        from daisy_kernel.compute.memory import scatter

        return scatter(name, found.data, self._cluster)

    def _staying(self, name: str) -> Iterator[tuple[str, Entry]]:
        """Give what cannot go to disk for the sake of the object of that name."""
        for other, entry in self._listed():
            stays = entry.pinned or not can_be_written(entry.found)
            if other != name and entry.held and stays:
                yield other, entry

    def _stays(self, name: str) -> int:
        return sum(entry.held for _, entry in self._staying(name))

    def _full(self, name: str, entry: Entry) -> StoreFull:
        names = ", ".join(other for other, _ in self._staying(name)) or "nothing"
        return StoreFull(
            name,
            f"{format_bytes(entry.found.nbytes)} do not fit into "
            f"{format_bytes(self.budget)} of memory, where "
            f"{format_bytes(self._stays(name))} have to stay ({names}). Unpin "
            "something, use the tier 'disk', or give the store more memory",
        )

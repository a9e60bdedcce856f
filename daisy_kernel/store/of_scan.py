"""The signals of a NeXus scan as data objects, still in their file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from daisy_kernel.model import Axis, DataObject, Dataset, Group, Origin, Scan
from daisy_kernel.model.errors import DataError
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.text import plain
from daisy_kernel.store.measured import geometry_of

_ENTRIES = ("NXentry", "NXsubentry")


def objects_of(scan: Scan) -> dict[str, DataObject]:
    """Give every signal of a scan with its axes, positions and geometry.

    Nothing but axes is read. An axis whose shape does not belong to the data is not
    attached: a note of the object says so, `misfits` has its shape, and `align`
    refuses to compare points by it.

    Returns
    -------
    :
        By name of the entry; where that has several, by "entry/group", else by path.
        A file without NXdata gives its default plot.
    """
    plots = [_Plot(scan, signal) for signal in scan.signals]
    plots = [plot for plot in plots if plot.is_nexus] or plots[:1]
    names = _names([plot.names for plot in plots])
    return {name: plot.object() for name, plot in zip(names, plots, strict=True)}


@dataclass(frozen=True)
class _Plot:
    """A signal, and the group that says what its axes are."""

    scan: Scan
    signal: Dataset

    @property
    def path(self) -> str:
        return self.signal.path.rpartition("/")[0]

    @property
    def attrs(self) -> dict[str, Any]:
        group = self.scan.get(self.path) if self.path else self.scan.root
        return dict(group.attrs) if isinstance(group, Group) else {}

    @property
    def is_nexus(self) -> bool:
        return bool(plain(self.attrs.get("NX_class", "")) == "NXdata")

    @property
    def entry(self) -> str:
        """Path of the innermost entry around it."""
        parts = self.path.split("/")
        for length in range(len(parts), 0, -1):
            path = "/".join(parts[:length])
            group = self.scan.get(path) if path else None
            kind = group.attrs.get("NX_class", "") if isinstance(group, Group) else ""
            if plain(kind) in _ENTRIES:
                return path
        return ""

    @property
    def names(self) -> tuple[str, ...]:
        """What it can be called, the shortest first."""
        whole = self.signal.path or self.signal.name or "data"
        entry = self.entry
        if not entry:
            return (whole,)
        short = entry.rpartition("/")[2]
        return short, f"{short}{self.path[len(entry) :]}", self.path, whole

    def object(self) -> DataObject:
        """Make the object."""
        shape = self.signal.shape
        axes = [Axis(name or "") for name in self.signal.axes]
        positions: dict[str, Axis] = {}
        misfits: dict[str, tuple[int, ...]] = {}
        for number, name, found in self._declared():
            indices = self._indices(name, number)
            if _fits(found, number, indices, shape):
                axes[number] = Axis(name, found.read(), found.units or "")
                continue
            spread = _spread(found, indices, shape)
            axes[number] = Axis(name if spread is not None else "")
            if spread is None:
                misfits[name] = found.shape
            else:
                positions[name] = Axis(name, spread, found.units or "")
        return DataObject(
            self.signal,
            tuple(axes),
            self.signal.units or "",
            geometry_of(self.scan, self.entry, self.path),
            origin=Origin(f"{self.signal.file}: {self.signal.path}"),
            positions=positions,
            notes=tuple(_misfit(n, s, shape) for n, s in misfits.items()),
            misfits=misfits,
        )

    def _declared(self) -> Iterator[tuple[int, str, Dataset]]:
        """Give number, name and values of the axes that the file names."""
        names = plain(self.attrs.get("axes", "")) or list(self.signal.axes)
        if isinstance(names, str):  # as older files have it
            names = [name for name in re.split(r"[:,\s]+", names.strip("[] ")) if name]
        for number, name in enumerate(names[: self.signal.ndim]):
            if name in (None, "", "."):
                continue
            try:
                found = self.scan.get(f"{self.path}/{name}".lstrip("/"))
            except DataError:
                continue
            if isinstance(found, Dataset) and found.dtype.kind in "biuf":
                yield number, str(name).strip(), found

    def _indices(self, name: str, number: int) -> tuple[int, ...]:
        """Give the axes of the data that an axis has, as `<name>_indices` says."""
        given = plain(self.attrs.get(f"{name}_indices", number))
        try:
            return tuple(
                int(i) for i in (given if isinstance(given, list) else [given])
            )
        except (TypeError, ValueError):
            return (number,)


def _fits(
    found: Dataset, number: int, indices: Sequence[int], shape: tuple[int, ...]
) -> bool:
    """Whether these are values, or edges of bins, of the axis that names them.

    Not where `_indices` names another axis that they would fit as well.
    """
    others = [i for i in indices if i != number and 0 <= i < len(shape)]
    if any(found.shape in {(shape[i],), (shape[i] + 1,)} for i in others):
        return False
    return found.shape in {(shape[number],), (shape[number] + 1,)}


def _spread(
    found: Dataset, indices: Sequence[int], shape: tuple[int, ...]
) -> Array | None:
    """Give positions with the shape of the first axes of the data, if they fit."""
    inside = all(0 <= i < len(shape) for i in indices)
    rising = list(indices) == sorted(set(indices))
    if not (inside and rising and found.ndim > 1):
        return None
    if found.shape != tuple(shape[i] for i in indices):
        return None
    first = shape[: max(indices) + 1]
    sizes = [size if i in indices else 1 for i, size in enumerate(first)]
    return np.broadcast_to(found.read().reshape(sizes), first)


def _misfit(name: str, found: tuple[int, ...], shape: tuple[int, ...]) -> str:
    return f"axis {name} of shape {found} does not belong to data of shape {shape}"


def _names(choices: Sequence[tuple[str, ...]]) -> list[str]:
    """Give the shortest names that are all different."""
    longest = max((len(names) for names in choices), default=0)
    made = [""] * len(choices)
    for level in range(longest):
        level_names = [names[min(level, len(names) - 1)] for names in choices]
        counts = Counter(level_names)
        for i, name in enumerate(level_names):
            last = level == longest - 1
            if not made[i] and (counts[name] == 1 or last) and name not in made:
                made[i] = name
    return [name or names[-1] for name, names in zip(made, choices, strict=True)]

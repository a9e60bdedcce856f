"""The grid that detectors are brought onto."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daisy_kernel.model import Axis, DataObject
from daisy_kernel.model.errors import NotAligned
from daisy_kernel.model.gathered import Table
from daisy_kernel.store.matching import Merged
from daisy_kernel.store.nearness import Indices
from daisy_kernel.store.placed import is_same_axis, placed
from daisy_kernel.store.placing import by_axes, by_positions
from daisy_kernel.store.scanned import Scanned

Within = Mapping[str, float | None]


@dataclass(frozen=True)
class Grid:
    """Positions along each axis, slow to fast.

    Attributes
    ----------
    sizes
        Number of positions, also of an axis without values, which is not in *lines*.
    depth
        By object: how many first axes tell where its points are.
    """

    lines: dict[str, Merged]
    sizes: dict[str, int]
    depth: dict[str, int]

    def table(self, one: Scanned, within: Within) -> Table:
        """Give the number of the object's point at each place; -1 where none is."""
        depth = self.depth[one.name]
        if is_read(one, self.sizes):
            return by_positions(one, depth, self.sizes, self.lines, within)
        index = {name: self._index(one, name) for name in self.sizes}
        return by_axes(index, one.found.shape[:depth])

    def kept(self, how: str, tables: Mapping[str, Table]) -> list[Indices]:
        """Give the positions of each axis that are kept.

        Raises
        ------
        NotAligned
            No point is in all of them.
        """
        keep = [np.arange(size) for size in self.sizes.values()]
        if how == "all":
            return keep
        for axis, name in enumerate(self.sizes):
            if name in self.lines:
                for index in self.lines[name].index.values():
                    keep[axis] = keep[axis][index[keep[axis]] >= 0]
        absent = np.zeros([len(k) for k in keep], bool)
        for table in tables.values():
            absent |= table[np.ix_(*keep)] < 0
        if all(len(k) for k in keep):
            keep = _without(keep, absent)
        if not all(len(k) for k in keep):
            raise NotAligned(" and ".join(tables), self._nothing(tables))
        return keep

    def place(self, one: Scanned, table: Table, keep: Sequence[Indices]) -> DataObject:
        """Give an object on the positions that are kept."""
        axes = tuple(
            self._axis(one, name, chosen)
            for name, chosen in zip(self.sizes, keep, strict=True)
        )
        chosen = table[np.ix_(*keep)]
        note = ""
        if is_read(one, self.sizes):
            note = f"put onto the grid of {', '.join(self.sizes)} by its positions"
        return placed(one.found, chosen, axes, self.depth[one.name], note)

    def _index(self, one: Scanned, name: str) -> Indices:
        merged = self.lines.get(name)
        if merged is None or one.name not in merged.index:
            return np.arange(self.sizes[name])
        return merged.index[one.name]

    def _axis(self, one: Scanned, name: str, chosen: Indices) -> Axis:
        merged = self.lines.get(name)
        if merged is None:
            return Axis(name)
        axis = merged.axis
        if len(chosen) < self.sizes[name]:
            axis = Axis(name, np.asarray(axis.values)[chosen], axis.units)
        own, number = one.values(name), one.axis_number(name)
        if own is not None and number is not None and is_same_axis(axis, own):
            return one.found.axes[number]  # its edges of bins, if it has them
        return axis

    def _nothing(self, tables: Mapping[str, Table]) -> str:
        """Say what each of them has, where none has all of a line."""
        ranges = "; ".join(
            f"{name} is "
            + " and ".join(
                _range(self.lines[name], table, axis, who)
                for who, table in tables.items()
            )
            for axis, name in enumerate(self.sizes)
            if name in self.lines
        )
        return (
            f"no line of points is in all of them: {ranges}. Pass how='all' for those "
            "that any has, or a larger tolerance if they are the same"
        )


def is_read(one: Scanned, names: Iterable[str]) -> bool:
    """Whether encoders tell where the points of an object are."""
    return any(name in one.found.positions for name in names)


def _range(merged: Merged, table: Table, axis: int, who: str) -> str:
    """Say which positions of an axis an object has."""
    others = tuple(other for other in range(table.ndim) if other != axis)
    there = merged.values[np.asarray((table >= 0).any(axis=others))]
    if not len(there):
        return f"nothing in {who}"
    span = f"{there.min():g} to {there.max():g} {merged.axis.units}".rstrip()
    return f"{span} in {who}"


def _without(keep: list[Indices], absent: npt.NDArray[np.bool_]) -> list[Indices]:
    """Leave out lines in which a point is absent: along the axis that loses least."""
    if not absent.any():
        return keep
    whole = []
    for axis in range(absent.ndim):
        others = tuple(other for other in range(absent.ndim) if other != axis)
        whole.append(np.asarray(~absent.any(axis=others)))
    axis = max(range(absent.ndim), key=lambda a: whole[a].sum() / len(whole[a]))
    return [k[whole[axis]] if a == axis else k for a, k in enumerate(keep)]

"""Points of a scan in another order, on another grid, some of them absent; lazy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.model.errors import FileDamaged
from daisy_kernel.model.nodes import Array, ArraySource, HasFiles, HasHoles, Layout
from daisy_kernel.model.selection import Positions, Selection, Steps
from daisy_kernel.model.taken import Read, runs_of, steps_or_list

Table = npt.NDArray[np.intp]


def gathered(values: Array, table: Table, fill: Any = None) -> Array:
    """Give points of an array by their numbers.

    Parameters
    ----------
    values
        Shape (point, ...).
    table
        Number of the point at each place, -1 where there is none; any shape.
    fill
        What absent points get; by default NaN, or 0 where the type has none.

    Returns
    -------
    :
        Shape (*table.shape, ...).
    """
    absent = table < 0
    if not absent.any():
        return values[table]
    found = np.full(
        (*table.shape, *values.shape[1:]),
        nothing(values.dtype) if fill is None else fill,
        values.dtype,
    )
    found[~absent] = values[table[~absent]]
    return found


def nothing(dtype: np.dtype[Any]) -> Any:
    """Give what stands where there is no value: NaN, or 0 of whole numbers."""
    return np.nan if dtype.kind in "fc" else np.zeros((), dtype)[()]


class GatheredArray:
    """Implements ArraySource: points of the first axes of another one, by a table.

    Parameters
    ----------
    table
        Number of the point at each place, counted through the first *axes* axes of
        the source as they lie there; -1 where there is none.
    axes
        How many axes of the source the points have.
    """

    def __init__(self, source: ArraySource, table: Table, axes: int = 1) -> None:
        self.whole, self.table, self._of = source, table, source.shape[:axes]
        self.path, self.file, self.dtype = source.path, source.file, source.dtype
        self.shape: tuple[int, ...] = (*table.shape, *source.shape[axes:])
        self.axes: tuple[str | None, ...] = (
            *(None,) * table.ndim,
            *source.axes[axes:],
        )
        self.notes = source.notes

    @property
    def part(self) -> tuple[int, Table]:
        """Which part of the whole it is."""
        return len(self._of), self.table

    @property
    def layout(self) -> Layout:
        """Chunks of the axes behind the points, one point each."""
        whole = self.whole.layout
        chunks = whole.chunks
        if chunks is not None:
            chunks = (*(1,) * self.table.ndim, *chunks[len(self._of) :])
        return Layout(chunks, whole.filters, whole.stored_bytes)

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes of the whole."""
        return self.whole.attrs

    @property
    def written(self) -> int:
        """Positions up to the first with a point that is still to come."""
        inside = int(np.prod(self._of[1:], dtype=int))
        coming = self.table.reshape(self.shape[0], -1) >= self.whole.written * inside
        rows = np.asarray(coming.any(axis=1))
        return int(rows.argmax()) if rows.any() else len(rows)

    def refresh(self) -> None:
        """Look again at the whole; the points stay."""
        self.whole.refresh()

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the whole are absent."""
        return self.whole.missing_sources()

    def files(self) -> tuple[str, ...]:
        """Give the files of the whole, none where it does not know them."""
        return self.whole.files() if isinstance(self.whole, HasFiles) else ()

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        table = self._wanted(selection)
        points = np.unique(table[table >= 0])
        reads = self._reads(points, selection.axes[self.table.ndim :])
        return f"{len(points)} points, {(table < 0).sum()} absent, {len(reads)} read(s)"

    def read(self, selection: Selection, out: Array) -> Array:
        """Read each point once, and put it where it belongs."""
        return self._put(selection, out, self.whole.read)

    def read_present(self, selection: Selection, out: Array) -> Array:
        """Read what is there, and give a mask of what is not: absent points as well."""
        whole, masks = self.whole, np.ones(out.shape, bool)

        def read(wanted: Selection, part: Array) -> Array:
            if isinstance(whole, HasHoles):
                return whole.read_present(wanted, part)
            found = whole.read(wanted, part)
            if found is not part:
                part[...] = found
            return np.zeros(part.shape, bool)

        self._put(selection, out, read, masks)
        return masks

    def _put(
        self, selection: Selection, out: Array, read: Read, masks: Array | None = None
    ) -> Array:
        """Read values, or values with their masks, and put them where they belong."""
        self._check()
        table = self._wanted(selection)
        points, places = np.unique(table, return_inverse=True)
        places = places.reshape(table.shape)
        if len(points) and points[0] < 0:
            points, places = points[1:], places - 1
        rest = selection.axes[self.table.ndim :]
        values = np.empty((len(points), *out.shape[self.table.ndim :]), self.dtype)
        absent = np.zeros(values.shape if masks is not None else (0,), bool)
        for axes, target in self._reads(points, rest):
            wanted = Selection.of([*axes, *rest])
            part = values[target].reshape(wanted.full_shape)  # a view of rows
            found = read(wanted, part)
            if masks is not None:
                absent[target] = found.reshape(absent[target].shape)
            elif found is not part:  # text, whose type is only known afterwards
                part[...] = found
        out[...] = gathered(values, places)
        if masks is not None:
            masks[...] = gathered(absent, places, fill=True)
        return out

    def _check(self) -> None:
        if self.whole.shape[: len(self._of)] != self._of:
            raise FileDamaged(
                f"{self.file}: {self.path}",
                f"its points were {self._of} and are "
                f"{self.whole.shape[: len(self._of)]} now. Open the scan again.",
            )

    def _wanted(self, selection: Selection) -> Table:
        """Give the part of the table that is selected, in rising order."""
        lists = [_indices(p) for p in selection.axes[: self.table.ndim]]
        return self.table[np.ix_(*lists)]

    def _reads(
        self, points: Table, rest: Sequence[Positions]
    ) -> list[tuple[list[Positions], slice]]:
        """Give reads of the whole: one if the points are a grid, else one per line.

        Each is what is selected of the axes, and which of the points these are.
        """
        if not len(points):
            return []
        places = np.unravel_index(points, self._of)
        grid = [np.unique(place) for place in places]
        axes = [steps_or_list(positions) for positions in grid]
        lists = sum(isinstance(positions, list) for positions in [*axes, *rest])
        if math.prod(map(len, grid)) == len(points) and lists <= 1:
            return [(axes, slice(0, len(points)))]
        made: list[tuple[list[Positions], slice]] = []
        lines = points // self._of[-1]
        ends = [*(np.flatnonzero(np.diff(lines)) + 1).tolist(), len(points)]
        for low, high in zip([0, *ends], ends, strict=False):
            line: list[Positions] = [Steps(int(p[low]), 1, 1) for p in places[:-1]]
            for positions, part in runs_of(places[-1][low:high], rest):
                target = slice(low + part.start, low + part.stop)
                made.append(([*line, positions], target))
        return made


def _indices(positions: Positions) -> Table:
    if isinstance(positions, Steps):
        start, length, step = positions
        return start + np.arange(length) * step
    return np.array(positions, np.intp)

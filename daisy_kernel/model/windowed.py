"""A window of a dataset, as a dataset: some rows of all frames. Nothing is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from daisy_kernel.model.errors import SelectionNotSupported
from daisy_kernel.model.nodes import Array, ArraySource, HasFiles, HasHoles, Layout
from daisy_kernel.model.reduction import Reducing, Reduction
from daisy_kernel.model.selection import Picks, Run, Selection

if TYPE_CHECKING:
    from daisy_kernel.model.dataset import Dataset


def window(dataset: Dataset, axis: int, positions: range) -> Dataset:
    """Give neighbouring positions along an axis as a dataset of their own.

    Parameters
    ----------
    positions
        In rising order, without gaps.

    Raises
    ------
    SelectionNotSupported
        They lie outside.
    """
    return dataset.window(axis, positions)


class WindowArray:
    """Implements ArraySource: neighbouring positions along an axis of another one."""

    def __init__(self, source: ArraySource, axis: int, positions: range) -> None:
        length = source.shape[axis]
        if positions.step != 1 or not 0 <= positions.start <= positions.stop <= length:
            raise SelectionNotSupported(
                f"{source.file}: {source.path}",
                f"positions {positions.start} to {positions.stop} of {length} "
                f"along axis {axis}",
            )
        self.whole, self.axis, self.place = source, axis, positions
        self.path, self.file, self.dtype = source.path, source.file, source.dtype
        shape = list(source.shape)
        shape[axis] = len(positions)
        self.shape: tuple[int, ...] = tuple(shape)
        names = list(source.axes)
        names[axis] = None  # values of the field are those of all positions
        self.axes: tuple[str | None, ...] = tuple(names)
        self.notes = source.notes

    @property
    def part(self) -> tuple[int, int, int]:
        """Which part of the whole it is."""
        return self.axis, self.place.start, self.place.stop

    @property
    def layout(self) -> Layout:
        """Chunks of the whole, no larger than the window."""
        whole = self.whole.layout
        chunks = None
        if whole.chunks is not None:
            pairs = zip(whole.chunks, self.shape, strict=True)
            chunks = tuple(max(1, min(chunk, size)) for chunk, size in pairs)
        return Layout(chunks, whole.filters, None)

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes of the whole."""
        return self.whole.attrs

    @property
    def written(self) -> int:
        """Positions of the first axis that are there."""
        if self.axis:
            return self.whole.written
        return min(len(self.place), max(0, self.whole.written - self.place.start))

    def refresh(self) -> None:
        """Look again at the whole; the window stays."""
        self.whole.refresh()

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the whole are absent."""
        return self.whole.missing_sources()

    def files(self) -> tuple[str, ...]:
        """Give the files of the whole, none where it does not know them."""
        return self.whole.files() if isinstance(self.whole, HasFiles) else ()

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        return self.whole.explain(self._inside(selection))

    def read(self, selection: Selection, out: Array) -> Array:
        """Read from the whole."""
        return self.whole.read(self._inside(selection), out)

    def read_present(self, selection: Selection, out: Array) -> Array:
        """Read what is there, and give a mask of what is not."""
        if isinstance(self.whole, HasHoles):
            return self.whole.read_present(self._inside(selection), out)
        self.read(selection, out)
        return np.zeros(selection.full_shape, bool)

    def reduce(
        self, reduction: Reduction, results: Mapping[str, Array], held: int | None
    ) -> bool:
        """Reduce as the whole does; False if it cannot."""
        if not isinstance(self.whole, Reducing):
            return False
        inside = replace(reduction, selection=self._inside(reduction.selection))
        return self.whole.reduce(inside, results, held)

    def _inside(self, selection: Selection) -> Selection:
        runs, start = list(selection.runs), self.place.start
        run = runs[self.axis]
        if isinstance(run, Picks):
            moved = [position + start for position in run.positions]
            runs[self.axis] = Picks(moved, run.order, run.dropped)
        else:
            runs[self.axis] = Run(run.start + start, run.count, run.step, run.dropped)
        return Selection(tuple(runs), selection.dots)

"""Listed positions of the first axis of a dataset, as a dataset: nothing is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.model.errors import FileDamaged
from daisy_kernel.model.memory import empty
from daisy_kernel.model.nodes import Array, ArraySource, HasFiles, HasHoles, Layout
from daisy_kernel.model.reduction import Reducing, Reduction
from daisy_kernel.model.selection import Positions, Selection, Steps, select

if TYPE_CHECKING:
    from daisy_kernel.model.dataset import Dataset

Indices = npt.NDArray[np.intp]
Read = Callable[[Selection, Array], Array]


def take(dataset: Dataset, positions: Any) -> Dataset:
    """Give listed positions of the first axis as a dataset of their own.

    Nothing is read; what is read later is one read of the file, whatever the order.

    Parameters
    ----------
    dataset
        Shape (n, ...).
    positions
        Whole numbers in any order, also repeated or negative; a mask of n booleans;
        or a slice.

    Returns
    -------
    :
        Shape (number of positions, ...).

    Raises
    ------
    SelectionNotSupported
        A position is outside, or the dataset has no axis.

    Examples
    --------
    >>> projections = take(scan.signal, image_key == 0)  # doctest: +SKIP
    """
    return dataset.take(positions)


class TakenArray:
    """Implements ArraySource: some positions of the first axis of another one."""

    def __init__(self, source: ArraySource, positions: Any) -> None:
        where = f"{source.file}: {source.path}"
        chosen = select((positions,), source.shape[:1], where)
        picked = np.arange(source.shape[0])[chosen.forward][chosen.picked]
        taken: Indices = np.atleast_1d(picked[chosen.finish])
        if isinstance(source, TakenArray):  # one look-up, however often it is taken
            taken = source.positions[taken]
            source = source.whole
        self.whole: ArraySource = source
        self.positions: Indices = taken
        self.path, self.file, self.dtype = source.path, source.file, source.dtype
        self.shape: tuple[int, ...] = (len(taken), *source.shape[1:])
        # values of a field along the first axis are those of all positions
        self.axes: tuple[str | None, ...] = (None, *source.axes[1:])
        self.notes = (*source.notes, f"{len(taken)} of {source.shape[0]} positions")

    @property
    def part(self) -> Indices:
        """Which part of the whole it is."""
        return self.positions

    @property
    def layout(self) -> Layout:
        """Chunks of the whole; the size on disk is in proportion."""
        whole = self.whole.layout
        stored, total = whole.stored_bytes, max(1, self.whole.shape[0])
        chunks = whole.chunks
        if chunks is not None:
            chunks = (max(1, min(chunks[0], len(self.positions))), *chunks[1:])
        if stored is not None:
            stored = stored * len(np.unique(self.positions)) // total
        return Layout(chunks, whole.filters, stored)

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes of the whole."""
        return self.whole.attrs

    @property
    def written(self) -> int:
        """Positions up to the first that is still to come."""
        coming = self.positions >= self.whole.written
        return int(coming.argmax()) if coming.any() else len(self.positions)

    def refresh(self) -> None:
        """Look again at the whole; the positions stay."""
        self.whole.refresh()
        self.shape = (len(self.positions), *self.whole.shape[1:])

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the whole are absent."""
        return self.whole.missing_sources()

    def files(self) -> tuple[str, ...]:
        """Give the files of the whole, none where it does not know them."""
        return self.whole.files() if isinstance(self.whole, HasFiles) else ()

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        rows, _ = np.unique(self._rows(selection), return_inverse=True)
        reads = [wanted for wanted, _ in _selections(rows, selection.axes[1:])]
        text = f"{len(self.positions)} of {self.whole.shape[0]} positions"
        if len(reads) > 1:
            text += f" in {len(reads)} reads, the first of them"
        return f"{text}: {self.whole.explain(reads[0])}"

    def read(self, selection: Selection, out: Array) -> Array:
        """Read rising positions at once, and put them into order."""
        return self._arranged(selection, out, self.whole.read)[0]

    def read_present(self, selection: Selection, out: Array) -> Array:
        """Read what is there, and give a mask of what is not."""
        source = self.whole
        if not isinstance(source, HasHoles):
            found = self.read(selection, out)
            if found is not out:
                out[...] = found
            return np.zeros(selection.full_shape, bool)
        absent: list[Array] = []

        def read(wanted: Selection, part: Array) -> Array:
            absent.append(source.read_present(wanted, part))
            return part

        _, order = self._arranged(selection, out, read)
        if not absent:
            return np.zeros(selection.full_shape, bool)
        return np.asarray(np.concatenate(absent)[order])

    def reduce(
        self, reduction: Reduction, results: Mapping[str, Array], held: int | None
    ) -> bool:
        """Reduce as the whole does, if the positions rise; False if it cannot."""
        rows = self._rows(reduction.selection)
        made = list(_selections(rows, reduction.selection.axes[1:]))
        rises = bool((np.diff(rows) > 0).all()) and len(made) == 1
        if not rises or not isinstance(self.whole, Reducing):
            return False
        inside = replace(reduction, selection=made[0][0])
        return self.whole.reduce(inside, results, held)

    def _arranged(
        self, selection: Selection, out: Array, read: Read
    ) -> tuple[Array, Indices]:
        """Give what was read, and which of the rising rows each position is."""
        rows, order = np.unique(self._rows(selection), return_inverse=True)
        if not selection.size:
            return out, order
        places = np.arange(len(rows))
        if np.array_equal(order, places):
            return _read_rising(rows, selection, out, read), order
        if np.array_equal(order, places[::-1]):
            falling = out[::-1]
            found = _read_rising(rows, selection, falling, read)
            return (out if found is falling else found[::-1]), order
        apart = empty((len(rows), *out.shape[1:]), out.dtype)
        found = _read_rising(rows, selection, apart, read)
        if found is not apart:  # text, whose type is only known afterwards
            return found[order], order
        np.take(found, order, axis=0, out=out, mode="clip")  # "raise" makes a copy
        return out, order

    def _rows(self, selection: Selection) -> Indices:
        """Give the positions in the whole, in the order of what is read."""
        wanted = selection.axes[0]
        if isinstance(wanted, Steps):
            rows = self.positions[wanted.start + np.arange(wanted.length) * wanted.step]
        else:
            rows = self.positions[wanted]
        if rows.size and rows.max() >= self.whole.shape[0]:
            raise FileDamaged(
                f"{self.file}: {self.path}",
                f"position {rows.max()} was there and is not any more: "
                f"its shape is {self.whole.shape} now. Open the scan again.",
            )
        return rows


def _read_rising(rows: Indices, selection: Selection, out: Array, read: Read) -> Array:
    reads = list(_selections(rows, selection.axes[1:]))
    if len(reads) == 1:
        return read(reads[0][0], out)
    for wanted, target in reads:
        found = read(wanted, part := out[target])
        if found is not part:
            part[...] = found
    return out


def _selections(
    rows: Indices, rest: Sequence[Positions]
) -> Iterator[tuple[Selection, slice]]:
    for positions, target in runs_of(rows, rest):
        yield Selection.of([positions, *rest]), target


def runs_of(
    rows: Indices, rest: Sequence[Positions]
) -> Iterator[tuple[Positions, slice]]:
    """Cut rising rows into what one read can have: all, unless another axis has a list.

    Yields
    ------
    :
        Positions, and which of the rows they are.
    """
    if all(isinstance(positions, Steps) for positions in rest):
        yield steps_or_list(rows), slice(0, len(rows))
        return
    ends = [*(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)]
    for low, high in zip([0, *ends], ends, strict=False):
        start = int(rows[low]) if high > low else 0
        yield Steps(start, high - low, 1), slice(low, high)


def steps_or_list(rows: Indices) -> Positions:
    """Give steps where there are: files are quicker with them than with lists."""
    if len(rows) < 2:  # noqa: PLR2004
        return Steps(int(rows[0]) if len(rows) else 0, len(rows), 1)
    steps = np.diff(rows)
    if steps[0] > 0 and (steps == steps[0]).all():
        return Steps(int(rows[0]), len(rows), int(steps[0]))
    return [int(row) for row in rows]

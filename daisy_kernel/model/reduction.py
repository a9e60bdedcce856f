"""Sums, extremes and moments of a dataset, in bounded memory.

A source that the compiled core reads adds up while it decodes; any other one is read
in blocks, which are added up here. Both give the same:

- a sum is exact in 64 bits (booleans count as 0 and 1), or refused if it does not fit;
  of floats it is a float64;
- minimum and maximum have the type of the dataset, in this machine's byte order;
- mean and variance are float64, the variance is that of the population;
- NaN in gives NaN out; of nothing, a sum is 0, mean and variance are NaN, and minimum
  and maximum are refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np

from daisy_kernel.model.errors import (
    FormatNotSupported,
    ParameterRefused,
    SelectionNotSupported,
)
from daisy_kernel.model.memory import empty
from daisy_kernel.model.nodes import Array, ArraySource
from daisy_kernel.model.selection import Picks, Run, Selection
from daisy_kernel.model.text import describe_dtype, parse_bytes

OPERATIONS = ("sum", "min", "max", "mean", "var")
_BLOCK_BYTES = 16 << 20
# what is added up takes that much more than what is read, in float64
_TEMPORARY = 8
# squares of so many numbers of 16 bits can be counted exactly
_MOST_SQUARES = 1 << 31


@dataclass(frozen=True)
class Reduction:
    """What is to be reduced.

    Attributes
    ----------
    reduced
        Axes of the dataset that are reduced, rising.
    where
        Name for the messages.
    """

    selection: Selection
    dtype: np.dtype[Any]
    operations: tuple[str, ...]
    reduced: tuple[int, ...]
    where: str

    @cached_property
    def kept(self) -> tuple[int, ...]:
        """Axes of the dataset that the results have, also those of length 1."""
        every = range(len(self.selection.runs))
        return tuple(axis for axis in every if axis not in self.reduced)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the results along the kept axes."""
        full = self.selection.full_shape
        return tuple(full[axis] for axis in self.kept)

    @cached_property
    def count(self) -> int:
        """Numbers behind each element of the results."""
        runs = (self.selection.runs[axis] for axis in self.reduced)
        counts = (len(r.order) if isinstance(r, Picks) else r.count for r in runs)
        return math.prod(counts)

    @cached_property
    def repeats(self) -> bool:
        """Whether a list names a reduced position twice: it counts twice."""
        runs = (self.selection.runs[axis] for axis in self.reduced)
        return any(isinstance(r, Picks) and len(r.order) != r.count for r in runs)

    def spread(self, array: Array) -> Array:
        """View a result as if it had the selection's full shape."""
        full = self.selection.full_shape
        ones = [1 if a in self.reduced else n for a, n in enumerate(full)]
        return np.broadcast_to(array.reshape(ones), full)

    def make(self) -> dict[str, Array]:
        """Make arrays for the results; what they hold does not matter yet."""
        native = self.dtype.newbyteorder("=")
        sums = {"u": "u8", "b": "u8", "i": "i8"}.get(native.kind, "f8")
        kinds = {"sum": np.dtype(sums), "min": native, "max": native}
        return {
            name: empty(self.shape, kinds.get(name, np.dtype("f8")))
            for name in self.operations
        }

    def finish(self, results: Mapping[str, Array]) -> dict[str, Array]:
        """Bring results into the order that was asked for."""
        return {name: self._finished(array) for name, array in results.items()}

    def _finished(self, array: Array) -> Array:
        runs = [self.selection.runs[axis] for axis in self.kept]
        for axis, run in enumerate(runs):
            index: list[Any] = [slice(None)] * array.ndim
            if isinstance(run, Picks):
                index[axis] = np.array(run.order, np.intp)
                array = array if run.is_ordered else array[tuple(index)]
            elif run.step < 0:
                index[axis] = slice(None, None, -1)
                array = array[tuple(index)]
        listed = [i for i, run in enumerate(runs) if isinstance(run, Picks)]
        dropped = tuple(i for i, run in enumerate(runs) if run.dropped)
        if listed and _list_first(self.selection):
            array = np.moveaxis(array, listed[0], 0)
            dropped = tuple(i + 1 if i < listed[0] else i for i in dropped)
        return array.squeeze(dropped)


@runtime_checkable
class Reducing(Protocol):
    """An ArraySource that can also reduce by itself."""

    def reduce(
        self, reduction: Reduction, results: Mapping[str, Array], held: int | None
    ) -> bool:
        """Fill the results; False if the core does not know how to."""
        ...


def reduction_of(
    selection: Selection,
    dtype: np.dtype[Any],
    operations: str | Sequence[str],
    axis: int | tuple[int, ...],
    where: str,
) -> Reduction:
    """Check what is asked for.

    Parameters
    ----------
    axis
        Of what the selection gives, as numpy counts them.
    """
    names = (operations,) if isinstance(operations, str) else tuple(operations)
    unknown = [name for name in names if name not in OPERATIONS]
    if unknown or not names:
        known = ", ".join(OPERATIONS)
        asked_for = repr(unknown[0]) if unknown else "none"
        raise ParameterRefused(f"no such reduction: {asked_for}. There are: {known}.")
    if dtype.kind not in "biuf" or dtype.itemsize > np.dtype("f8").itemsize:
        raise FormatNotSupported(
            where, f"{describe_dtype(dtype)} cannot be added up or compared"
        )
    found = _axes(selection)
    asked = (axis,) if isinstance(axis, int) else tuple(axis)
    if any(not -len(found) <= a < len(found) for a in asked):
        raise SelectionNotSupported(where, f"no axis {axis} in {selection.shape}")
    reduced = tuple(sorted({found[a] for a in asked}))
    if len(reduced) != len(asked):
        raise SelectionNotSupported(where, f"an axis is named twice: {axis}")
    made = Reduction(selection, dtype, names, reduced, where)
    if not made.count and all(made.shape) and {"min", "max"} & set(names):
        raise SelectionNotSupported(
            where, f"there is no minimum or maximum of nothing: {selection.shape}"
        )
    return made


def reduce(
    source: ArraySource, reduction: Reduction, memory: str | int | None
) -> dict[str, Array]:
    """Carry out a reduction."""
    results = reduction.make()
    held = None if memory is None else parse_bytes(memory)
    if not reduction.count:
        for name, array in results.items():
            array.fill(0 if name == "sum" else np.nan)
    elif all(reduction.shape):
        done = (
            isinstance(source, Reducing)
            and not reduction.repeats
            and source.reduce(reduction, results, held)
        )
        if not done:
            results = _by_blocks(source, reduction, held or _BLOCK_BYTES * _TEMPORARY)
    return reduction.finish(results)


def overflow(reduction: Reduction) -> FormatNotSupported:
    """Give the error for an integer sum that does not fit 64 bits."""
    return FormatNotSupported(
        reduction.where, "the sum does not fit 64 bits: ask for the mean instead"
    )


def _axes(selection: Selection) -> list[int]:
    """Which axes of the dataset the axes of the selected array are."""
    runs = selection.runs
    axes = [axis for axis, run in enumerate(runs) if not run.dropped]
    if _list_first(selection):
        listed = next(axis for axis in axes if isinstance(runs[axis], Picks))
        axes = [listed, *(axis for axis in axes if axis != listed)]
    return axes


def _list_first(selection: Selection) -> bool:
    """Whether numpy moves the axis of a list to the front.

    It does so where integers stand apart from the list.
    """
    runs = selection.runs
    fancy = [a for a, run in enumerate(runs) if run.dropped or isinstance(run, Picks)]
    return selection.is_listed and fancy != list(range(fancy[0], fancy[-1] + 1))


class _Sums:
    """Results so far, of blocks that are read one after the other."""

    def __init__(self, reduction: Reduction) -> None:
        self._of, self._shape = reduction, reduction.shape
        names, kind = reduction.operations, reduction.dtype.kind
        self._extremes = {n: a for n, a in reduction.make().items() if n in _EXTREME}
        self._begun = np.zeros(self._shape, bool)
        self._exact = kind in "biu" and "sum" in names
        self._whole = np.zeros(self._shape, "i8" if kind == "i" else "u8")
        self._rough = np.zeros(self._shape)
        small = kind in "biu" and reduction.dtype.itemsize <= 2  # noqa: PLR2004
        self._counted = small and reduction.count < _MOST_SQUARES
        self._squares = np.zeros(self._shape, "u8")
        self._scatter = np.zeros(self._shape)
        self._count = np.zeros(self._shape)

    def add(self, at: tuple[slice, ...], block: Array) -> None:
        """Add a block, whose results lie at some place."""
        axes = self._of.reduced
        numbers = math.prod(block.shape[axis] for axis in axes)
        if "var" in self._of.operations:
            self._add_squares(at, block, numbers)
        for name, array in self._extremes.items():
            both = np.minimum if name == "min" else np.maximum
            found = both.reduce(block, axis=axes)
            array[at] = np.where(self._begun[at], both(array[at], found), found)
        if self._exact or self._counted:
            self._whole[at] += block.sum(axis=axes, dtype=self._whole.dtype)
        self._rough[at] += block.sum(axis=axes, dtype=np.float64)
        self._count[at] += numbers
        self._begun[at] = True

    def _add_squares(self, at: tuple[slice, ...], block: Array, numbers: int) -> None:
        axes = self._of.reduced
        if self._counted:
            wide = block.astype(np.int64)
            self._squares[at] += (wide * wide).sum(axis=axes, dtype=np.uint64)
            return
        wide = block.astype(np.float64)
        mean = wide.mean(axis=axes, keepdims=True)
        self._scatter[at] += ((wide - mean) ** 2).sum(axis=axes)
        before = self._count[at]
        apart = mean.squeeze(axes) - self._rough[at] / np.maximum(before, 1)
        more = apart**2 * before * numbers / (before + numbers)
        self._scatter[at] += np.where(before > 0, more, 0)

    def results(self) -> dict[str, Array]:
        """Give what was asked for."""
        count = self._of.count
        # a sum that went round is a multiple of 2^64 off
        wrapped = np.abs(self._whole.astype(np.float64) - self._rough) > 2.0**62
        if self._exact and wrapped.any():
            raise overflow(self._of)
        made: dict[str, Array] = dict(self._extremes)
        exact = self._exact or self._counted
        made["sum"] = self._whole if self._exact else self._rough
        made["mean"] = (self._whole if exact else self._rough) / count
        if self._counted:
            made["var"] = _variance(self._squares, self._whole, count)
        else:
            made["var"] = self._scatter / count
        return {name: np.asarray(made[name]) for name in self._of.operations}


_EXTREME = ("min", "max")


def _variance(squares: Array, sums: Array, count: int) -> Array:
    """Give the population variance: in whole numbers first, then divided."""
    whole = squares.astype(object) * count - sums.astype(object) ** 2
    return np.asarray(whole / count / count, np.float64)


def _by_blocks(
    source: ArraySource, reduction: Reduction, memory: int
) -> dict[str, Array]:
    sums = _Sums(reduction)
    runs = reduction.selection.runs
    with np.errstate(all="ignore"):
        for piece, at in _pieces(source, reduction, memory // _TEMPORARY):
            block = np.empty(piece.full_shape, reduction.dtype)
            block = np.asarray(source.read(piece, block))
            for axis in reduction.reduced:
                whole, part = runs[axis], piece.runs[axis]
                if isinstance(whole, Picks) and isinstance(part, Picks):
                    low = whole.positions.index(part.positions[0])
                    times = np.bincount(whole.order)[low : low + part.count]
                    block = block.repeat(times, axis)
            sums.add(at, block.astype(block.dtype.newbyteorder("="), copy=False))
        return sums.results()


def _pieces(
    source: ArraySource, reduction: Reduction, memory: int
) -> Iterator[tuple[Selection, tuple[slice, ...]]]:
    """Cut a selection along its first long axis, whole chunks where that fits."""
    selection = reduction.selection
    full = selection.full_shape
    cut = next((axis for axis, count in enumerate(full) if count > 1), 0)
    per_index = max(1, selection.size // full[cut]) * reduction.dtype.itemsize
    step = max(1, memory // per_index)
    chunk = source.layout.chunks[cut] if source.layout.chunks else 1
    if step > chunk:
        step -= step % chunk
    for low in range(0, full[cut], step):
        high = min(low + step, full[cut])
        runs = list(selection.runs)
        runs[cut] = _some(selection.runs[cut], low, high)
        at = [slice(None)] * len(full)
        at[cut] = slice(low, high)
        yield Selection(tuple(runs)), tuple(at[axis] for axis in reduction.kept)


def _some(run: Run | Picks, low: int, high: int) -> Run | Picks:
    """Give some of the positions of a run, counted in rising order."""
    if isinstance(run, Picks):
        return Picks(run.positions[low:high], list(range(high - low)))
    start, _, step = run.positions
    return Run(start + low * step, high - low, step)

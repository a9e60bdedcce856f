"""Which part of a dataset is meant: numpy's basic indexing as plain numbers."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

from daisy_kernel.model.errors import SelectionNotSupported


@dataclass(frozen=True)
class Run:
    """`count` positions along one axis: start, start + step, ...

    `dropped` is true for an integer index, whose axis the result lacks.
    """

    start: int
    count: int
    step: int
    dropped: bool = False

    @property
    def forward(self) -> slice:
        """The same positions in rising order, as a slice that files accept."""
        if not self.count:
            return slice(0, 0, 1)
        first = self.start if self.step > 0 else self.last
        return slice(
            first, first + (self.count - 1) * abs(self.step) + 1, abs(self.step)
        )

    @property
    def last(self) -> int:
        """Last position of the run."""
        return self.start + (self.count - 1) * self.step


@dataclass(frozen=True)
class Selection:
    """One run per axis of the dataset."""

    runs: tuple[Run, ...]

    @property
    def full_shape(self) -> tuple[int, ...]:
        """Shape with the axes of integer indices kept as length 1."""
        return tuple(run.count for run in self.runs)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the result, as numpy would give it."""
        return tuple(run.count for run in self.runs if not run.dropped)

    @property
    def size(self) -> int:
        """Number of elements."""
        size = 1
        for run in self.runs:
            size *= run.count
        return size

    @property
    def forward(self) -> tuple[slice, ...]:
        """The smallest rising slices that hold everything selected."""
        return tuple(run.forward for run in self.runs)

    @property
    def forward_only(self) -> bool:
        """Whether no axis runs backwards."""
        return all(run.step > 0 for run in self.runs)

    @property
    def finish(self) -> tuple[Any, ...]:
        """Index that turns what `forward` gives into the result."""
        return tuple(
            0 if run.dropped else slice(None, None, -1 if run.step < 0 else 1)
            for run in self.runs
        )


def select(index: Any, shape: tuple[int, ...], where: str = "dataset") -> Selection:
    """Translate an index into runs.

    Parameters
    ----------
    index
        What stands between the brackets: integers, slices and one Ellipsis.
    shape
        Shape of the dataset, slow to fast.
    where
        Name for the messages.
    """
    items = _expand(index if isinstance(index, tuple) else (index,), shape, where)
    runs = zip(items, shape, range(len(shape)), strict=True)
    return Selection(
        tuple(_run(item, size, axis, shape, where) for item, size, axis in runs)
    )


def _expand(
    items: tuple[Any, ...], shape: tuple[int, ...], where: str
) -> tuple[Any, ...]:
    dots = [i for i, item in enumerate(items) if item is Ellipsis]
    named = len(items) - len(dots)
    if len(dots) > 1:
        raise SelectionNotSupported(where, "an index can hold only one '...'")
    if named > len(shape):
        raise SelectionNotSupported(
            where, f"{named} indices for {len(shape)} axes of shape {shape}"
        )
    at = dots[0] if dots else len(items)
    rest = (slice(None),) * (len(shape) - named)
    return items[:at] + rest + items[at + len(dots) :]


def _run(item: Any, size: int, axis: int, shape: tuple[int, ...], where: str) -> Run:
    if isinstance(item, slice):
        positions = range(*item.indices(size))
        return Run(positions.start, len(positions), positions.step)
    try:
        if isinstance(item, bool):
            raise TypeError
        position = operator.index(item)
    except TypeError:
        raise SelectionNotSupported(
            where,
            f"cannot select with {type(item).__name__}: use integers, slices and "
            "'...', or read a slice and index the array",
        ) from None
    if not -size <= position < size:
        empty = "" if size else "; the scan has no frames, was it stopped early?"
        raise SelectionNotSupported(
            where,
            f"index {position} is outside axis {axis} of shape {shape}{empty}",
        )
    return Run(position % size, 1, 1, dropped=True)

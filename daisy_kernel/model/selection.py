"""Which part of a dataset is meant: numpy's indexing as plain numbers.

Integers, slices with steps and `...` on any axes, and on one axis a list of
positions or a boolean mask.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from daisy_kernel.model.errors import SelectionNotSupported


class Steps(NamedTuple):
    """Rising positions along one axis: start, start + step, ..."""

    start: int
    length: int
    step: int


# what is read along one axis: steps, or rising positions, each once
Positions = Steps | list[int]


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
    def positions(self) -> Steps:
        """The same positions in rising order."""
        first = self.start if self.step > 0 or not self.count else self.last
        return Steps(first, self.count, abs(self.step))

    @property
    def last(self) -> int:
        """Last position of the run."""
        return self.start + (self.count - 1) * self.step


@dataclass(frozen=True)
class Picks:
    """Listed positions along one axis.

    Attributes
    ----------
    positions
        What is read: rising, each position once.
    order
        Index into *positions* that gives the list as it was asked for.
    """

    positions: list[int]
    order: list[int]
    dropped: bool = False

    @property
    def count(self) -> int:
        """Number of positions that are read."""
        return len(self.positions)

    @property
    def forward(self) -> slice:
        """The smallest slice that holds all of them."""
        if not self.positions:
            return slice(0, 0, 1)
        return slice(self.positions[0], self.positions[-1] + 1, 1)

    @property
    def is_ordered(self) -> bool:
        """Whether they were asked for as they are read."""
        return self.order == list(range(len(self.positions)))


@dataclass(frozen=True)
class Selection:
    """One run or list of picks per axis of the dataset.

    `dots` is the axis before which '...' stood: for numpy it keeps a list and an
    integer apart, even where it stands for no axis.
    """

    runs: tuple[Run | Picks, ...]
    dots: int | None = None

    @classmethod
    def of(cls, axes: Sequence[Positions]) -> Selection:
        """Select these positions, in rising order."""
        return cls(
            tuple(
                Run(*p) if isinstance(p, Steps) else Picks(p, list(range(len(p))))
                for p in axes
            )
        )

    @property
    def full_shape(self) -> tuple[int, ...]:
        """Shape that is read: axes of integer indices have length 1."""
        return tuple(run.count for run in self.runs)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the result, as numpy would give it."""
        if not self.is_listed:
            return tuple(run.count for run in self.runs if not run.dropped)
        # numpy may move the axis of a list
        return tuple(np.broadcast_to(np.int8(0), self.full_shape)[self.finish].shape)

    @property
    def size(self) -> int:
        """Number of elements that are read."""
        size = 1
        for run in self.runs:
            size *= run.count
        return size

    @property
    def forward(self) -> tuple[slice, ...]:
        """The smallest rising slices that hold everything selected."""
        return tuple(run.forward for run in self.runs)

    @property
    def axes(self) -> tuple[Positions, ...]:
        """What is read along each axis, in rising order."""
        return tuple(run.positions for run in self.runs)

    @property
    def picked(self) -> tuple[Any, ...]:
        """Index that turns an array of the `forward` slices into what is read."""
        return tuple(
            np.array(run.positions, np.intp) - run.forward.start
            if isinstance(run, Picks)
            else slice(None)
            for run in self.runs
        )

    @property
    def is_listed(self) -> bool:
        """Whether an axis has a list or mask."""
        return any(isinstance(run, Picks) for run in self.runs)

    @property
    def finish(self) -> tuple[Any, ...]:
        """Index that turns what was read into the result, always an array."""
        index = [_finish(run) for run in self.runs]
        index.insert(len(index) if self.dots is None else self.dots, Ellipsis)
        return tuple(index)

    @property
    def unfinish(self) -> tuple[Any, ...] | None:
        """Index that turns an array of the result's shape into what is read.

        A view of the same memory; None where a list makes that impossible.
        """
        for run in self.runs:
            if isinstance(run, Picks) and not run.is_ordered:
                return None
        if self.is_listed and any(run.dropped for run in self.runs):
            return None  # numpy may move the axis of the list
        return tuple(
            np.newaxis if run.dropped else slice(None, None, _direction(run))
            for run in self.runs
        )


def select(index: Any, shape: tuple[int, ...], where: str = "dataset") -> Selection:
    """Translate an index into runs.

    Parameters
    ----------
    index
        What stands between the brackets: integers, slices, one Ellipsis, and on one
        axis a list of integers or a mask of booleans.
    shape
        Shape of the dataset, slow to fast.
    where
        Name for the messages.
    """
    given = index if isinstance(index, tuple) else (index,)
    items = _expand(given, shape, where)
    runs = zip(items, shape, range(len(shape)), strict=True)
    made = tuple(_run(item, size, axis, shape, where) for item, size, axis in runs)
    if sum(isinstance(run, Picks) for run in made) > 1:
        raise SelectionNotSupported(
            where, "only one axis can have a list or a mask: read them one by one"
        )
    dots = next((i for i, item in enumerate(given) if item is Ellipsis), None)
    return Selection(made, dots)


def _direction(run: Run | Picks) -> int:
    return -1 if isinstance(run, Run) and run.step < 0 else 1


def _finish(run: Run | Picks) -> Any:
    if isinstance(run, Picks):
        return np.array(run.order, np.intp)
    return 0 if run.dropped else slice(None, None, _direction(run))


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


def _run(
    item: Any, size: int, axis: int, shape: tuple[int, ...], where: str
) -> Run | Picks:
    if isinstance(item, slice):
        positions = range(*item.indices(size))
        return Run(positions.start, len(positions), positions.step)
    if isinstance(item, list | range) or (isinstance(item, np.ndarray) and item.ndim):
        return _picks(item, size, axis, shape, where)
    try:
        if isinstance(item, bool | np.bool_):
            raise TypeError
        position = operator.index(item)
    except TypeError:
        raise SelectionNotSupported(
            where,
            f"cannot select with {type(item).__name__}: use integers, slices, '...', "
            "and on one axis a list or a mask",
        ) from None
    if not -size <= position < size:
        raise _outside(position, size, axis, shape, where)
    return Run(position % size, 1, 1, dropped=True)


def _picks(
    item: Any, size: int, axis: int, shape: tuple[int, ...], where: str
) -> Picks:
    array = np.asarray(item)
    if array.ndim != 1:
        raise SelectionNotSupported(
            where, f"a list or mask for one axis, not one of shape {array.shape}"
        )
    if array.dtype == bool:
        if len(array) != size:
            raise SelectionNotSupported(
                where,
                f"the mask has {len(array)} values, axis {axis} of shape {shape} "
                f"has {size}",
            )
        array = np.flatnonzero(array)
    elif not len(array):
        array = array.astype(np.intp)  # numpy makes an empty list a list of floats
    if array.dtype.kind not in "iu":
        raise SelectionNotSupported(
            where, f"positions are integers, not {array.dtype.name}"
        )
    return _sorted_picks(array, size, axis, shape, where)


def _sorted_picks(
    array: npt.NDArray[Any], size: int, axis: int, shape: tuple[int, ...], where: str
) -> Picks:
    wrong = (array < -size) | (array >= size)
    if wrong.any():
        raise _outside(int(array[wrong][0]), size, axis, shape, where)
    wrapped = np.where(array < 0, array + size, array).astype(np.intp)
    positions, order = np.unique(wrapped, return_inverse=True)
    return Picks(positions.tolist(), order.tolist())


def _outside(
    position: int, size: int, axis: int, shape: tuple[int, ...], where: str
) -> SelectionNotSupported:
    empty = "" if size else "; the scan has no frames, was it stopped early?"
    return SelectionNotSupported(
        where, f"index {position} is outside axis {axis} of shape {shape}{empty}"
    )

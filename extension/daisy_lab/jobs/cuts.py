"""Which axes of a dataset are drawn, which are summed, and where the others stand."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from daisy_kernel.model import Dataset
from daisy_kernel.model.errors import NothingToShow
from daisy_lab.jobs.datasets import check_size, real
from daisy_lab.jobs.sums import How, projection_of_counts

MOST_SUMMED = 2**31  # bytes that are added up for one answer

Region = tuple[int, int, int]  # axis, first position, end


@dataclass(frozen=True)
class Cut:
    """A part of a dataset along one or two of its axes.

    Parameters
    ----------
    axes
        The axes that are drawn, in the order of drawing: (row, column) of a
        picture, (line,) of a curve.
    index
        Positions on the axes that are neither drawn nor summed, in their order.
    summed
        Axes over which is summed, and from where to where.
    how
        What is taken along these instead of the sum.
    thinned, step
        Along the axis *thinned*, only every *step*-th position is read.
    within
        From where to where the first of *axes* is drawn; all of it if None.
    """

    dataset: Dataset
    axes: tuple[int, ...]
    index: tuple[int, ...]
    summed: tuple[Region, ...] = ()
    thinned: int = 0
    step: int = 1
    within: tuple[int, int] | None = None
    how: How = "sum"

    @property
    def shape(self) -> tuple[int, ...]:
        """Size along the drawn axes, as if every position were taken."""
        return tuple(self.dataset.shape[axis] for axis in self.axes)

    @property
    def row_step(self) -> int:
        """Every how many positions of the first drawn axis are read."""
        return self.step if self.thinned == self.axes[0] else 1

    @property
    def selection(self) -> tuple[int | slice, ...]:
        """What `Dataset.read` is asked for."""
        others = iter(self.index)
        return tuple(self._along(axis, others) for axis in range(self.dataset.ndim))

    def _along(self, axis: int, others: Iterator[int]) -> int | slice:
        step = self.step if axis == self.thinned and self.step > 1 else None
        for summed, first, end in self.summed:
            if axis == summed:
                return slice(first, end, step)
        if axis not in self.axes:
            return next(others)
        if self.within is not None and axis == self.axes[0]:
            return slice(*self.within, step)
        return slice(None, None, step)

    @property
    def elements(self) -> int:
        """How many numbers are read."""
        return math.prod(
            len(range(*part.indices(length)))
            for part, length in zip(self.selection, self.dataset.shape, strict=True)
            if isinstance(part, slice)
        )

    @property
    def lead(self) -> tuple[int | slice, ...]:
        """The selection as a line of code needs it: without what is taken whole."""
        chosen = list(self.selection)
        while chosen and chosen[-1] == slice(None):
            chosen.pop()
        return tuple(chosen)

    def bounded(self) -> "Cut":
        """Thin a sum that would read too much, so that it takes seconds at most."""
        size = self.elements * self.dataset.dtype.itemsize
        if not self.summed or size <= MOST_SUMMED:
            return self
        # of a projection every row is seen, and some of the frames are left out
        rows = len(self.axes) > 1 and self.how == "sum"
        axis = self.axes[0] if rows else self.summed[0][0]
        return replace(self, thinned=axis, step=-(-size // MOST_SUMMED))

    def read(self) -> np.ma.MaskedArray[Any, Any]:
        """Read numbers, in the order of drawing; masked where no file holds any."""
        if self.summed:
            return self._ordered(self._sum())
        check_size(self.dataset, self.elements, self.lead)
        if self.dataset.missing_sources:
            return self._ordered(self.dataset.read_masked(self.selection))
        return self._ordered(np.ma.MaskedArray(self.dataset.read(self.selection)))

    def _sum(self) -> np.ma.MaskedArray[Any, Any]:
        kept = [a for a, part in enumerate(self.selection) if isinstance(part, slice)]
        over = tuple(kept.index(axis) for axis, _, _ in self.summed)
        return projection_of_counts(self.dataset, self.selection, over, self.how)

    def _ordered(
        self, found: np.ma.MaskedArray[Any, Any]
    ) -> np.ma.MaskedArray[Any, Any]:
        order = np.argsort(np.argsort(self.axes))
        mask = np.ma.getmaskarray(found).transpose(order) if found.mask.any() else False
        return np.ma.MaskedArray(real(np.ma.getdata(found).transpose(order)), mask)


def cut_of(
    dataset: Dataset,
    axes: Sequence[int],
    index: Sequence[int],
    summed: Sequence[int] = (),
    step: int = 1,
    how: How = "sum",
) -> Cut:
    """Make a cut; zero where no position is named.

    Parameters
    ----------
    axes
        Negative ones count from the end.
    summed
        Axis, first position and end of each region, one after the other.
    step
        Every how many positions are read along the first drawn axis.
    how
        What is taken along the summed axes.

    Raises
    ------
    NothingToShow
        The dataset has too few axes, or not these.
    """
    kind = "a picture" if len(axes) > 1 else "a line"
    if len(axes) > dataset.ndim:
        raise NothingToShow(dataset.file, f"{dataset.path} is not {kind}")
    drawn = tuple(axis + dataset.ndim if axis < 0 else axis for axis in axes)
    regions = tuple(zip(*[iter(summed)] * 3, strict=True))
    taken = [*drawn, *(axis for axis, _, _ in regions)]
    if len(set(taken)) < len(taken) or not 0 <= min(taken) <= max(taken) < dataset.ndim:
        named = ", ".join(str(axis) for axis in taken)
        raise NothingToShow(
            dataset.file,
            f"{dataset.path} of shape {dataset.shape} has no axes {named} for {kind}",
        )
    others = dataset.ndim - len(taken)
    place = tuple([*index, *([0] * others)][:others])
    return Cut(dataset, drawn, place, regions, drawn[0], step, how=how)

"""Sums along axes, without the values by which detectors mark pixels as bad.

They are 2**32 - 1 and 2**64 - 1 of unsigned integers, -1 and -2 of signed ones that
hold nothing below, and what the file declares: the same as in a picture.
"""

import math
from typing import Any

import numpy as np

from daisy_kernel.model import Dataset

BLOCK = 2**26  # bytes in memory at a time
MARKS = (-1, -2)
WIDE = 4  # bytes; narrower unsigned integers count up to their end

Parts = tuple[int | slice, ...]


def sum_of_counts(
    dataset: Dataset, parts: Parts, over: tuple[int, ...]
) -> np.ma.MaskedArray[Any, Any]:
    """Add up a part of a dataset; masked where there is not one count.

    The compiled core adds up all of it while it decodes. Only if the extremes say
    that there are marks among the numbers, it is read again and added up without.

    Parameters
    ----------
    over
        Axes of the part, without those of a single position, that are added up.
    """
    if dataset.dtype.kind not in "iu":
        found = dataset.reduce("sum", axis=over, selection=parts)
        return np.ma.MaskedArray(found["sum"].astype(np.float64))
    found = dataset.reduce(("sum", "min", "max"), axis=over, selection=parts)
    marks = _marks(dataset, int(found["min"].min()), int(found["max"].max()))
    if not marks:
        return np.ma.MaskedArray(found["sum"].astype(np.float64))
    return _sum_without(dataset, parts, over, marks)


def _marks(dataset: Dataset, low: int, high: int) -> list[int]:
    """Tell which marks may be among numbers between *low* and *high*."""
    dtype = dataset.dtype
    marks = [int(value) for value in dataset.invalid if low <= value <= high]
    largest = int(np.iinfo(dtype).max)
    if dtype.kind == "u" and dtype.itemsize >= WIDE and high == largest:
        marks.append(largest)
    if dtype.kind == "i" and dtype.itemsize > 1 and low in MARKS:
        marks.extend(MARKS)
    return marks


def _sum_without(
    dataset: Dataset, parts: Parts, over: tuple[int, ...], marks: list[int]
) -> np.ma.MaskedArray[Any, Any]:
    """Add up block by block along the first axis that is read."""
    first = next(a for a, part in enumerate(parts) if isinstance(part, slice))
    positions = range(*parts[first].indices(dataset.shape[first]))  # type: ignore[union-attr]
    sums, counts = [], []
    for some in _pieces(dataset, parts, first, positions):
        chosen = slice(some.start, some.stop, some.step)
        block = dataset.read((*parts[:first], chosen, *parts[first + 1 :]))
        good = ~np.isin(block, marks)
        sums.append(block.sum(axis=over, where=good, dtype=np.float64))
        counts.append(good.sum(axis=over))
    if 0 in over:
        total, count = np.sum(sums, axis=0), np.sum(counts, axis=0)
    else:
        total, count = np.concatenate(sums), np.concatenate(counts)
    return np.ma.MaskedArray(total, count == 0)


def _pieces(
    dataset: Dataset, parts: Parts, first: int, positions: range
) -> list[range]:
    others = [
        len(range(*part.indices(length)))
        for axis, (part, length) in enumerate(zip(parts, dataset.shape, strict=True))
        if isinstance(part, slice) and axis != first
    ]
    each = math.prod(others) * dataset.dtype.itemsize
    step = max(BLOCK // max(each, 1), 1)
    return [positions[i : i + step] for i in range(0, len(positions), step)]

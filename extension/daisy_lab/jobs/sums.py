"""Sums and other projections along axes, without the marks of bad pixels.

They are 2**32 - 1 and 2**64 - 1 of unsigned integers, -1 and -2 of signed ones that
hold nothing below, and what the file declares: the same as in a picture.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from daisy_kernel.model import Dataset
from daisy_lab.jobs.progress import report

BLOCK = 2**26  # bytes in memory at a time
PART = 2**27  # bytes that the core adds up before it is told how far it has come
WORTH_TELLING = 3  # parts; fewer are done before anyone waits
FEWEST = 8  # positions of a part: to join parts takes as long as a position or two
MARKS = (-1, -2)
WIDE = 4  # bytes; narrower unsigned integers count up to their end

Parts = tuple[int | slice, ...]
How = Literal["sum", "max", "mean", "std"]
HOWS: tuple[How, ...] = ("sum", "max", "mean", "std")
# what the core adds up while it decodes
_REDUCED = {"sum": "sum", "max": "max", "mean": "mean", "std": "var"}


def projection_of_counts(
    dataset: Dataset, parts: Parts, over: tuple[int, ...], how: How = "sum"
) -> np.ma.MaskedArray[Any, Any]:
    """Add up a part of a dataset, or take another measure of it along axes.

    The compiled core does it while it decodes. Only if the extremes say that there
    are marks among the numbers, it is read again and done without.

    Parameters
    ----------
    over
        Axes of the part, without those of a single position, that disappear.
    how
        The sum, the largest value, the mean, or the standard deviation of the
        population.

    Returns
    -------
    :
        float64; masked where there is not one count.
    """
    operation = _REDUCED[how]
    if dataset.dtype.kind not in "iu":
        found = _reduced(dataset, parts, over, (operation,))
    else:
        wanted = tuple(dict.fromkeys((operation, "min", "max")))
        found = _reduced(dataset, parts, over, wanted)
        marks = _marks(dataset, int(found["min"].min()), int(found["max"].max()))
        if marks:
            return _without(dataset, parts, over, marks, how)
    values = found[operation].astype(np.float64)
    return np.ma.MaskedArray(np.sqrt(values) if how == "std" else values)


def _reduced(
    dataset: Dataset, parts: Parts, over: tuple[int, ...], wanted: tuple[str, ...]
) -> dict[str, Any]:
    """Reduce a part of a dataset, a large one bit by bit to tell how far it is."""
    first, positions = _first(dataset, parts)
    pieces = _pieces(dataset, parts, first, positions, PART)
    if len(pieces) < WORTH_TELLING:
        return dataset.reduce(wanted, axis=over, selection=parts)
    # a variance can only be joined with the mean
    asked = tuple(dict.fromkeys((*wanted, "mean"))) if "var" in wanted else wanted
    found, done = [], 0
    for piece in pieces:
        report(done, len(positions))
        chosen = _chosen(parts, first, piece)
        found.append((len(piece), dataset.reduce(asked, axis=over, selection=chosen)))
        done += len(piece)
        if 0 in over and len(found) > 1:
            found = [_joined(*found)]
    report(done, len(positions))
    if 0 in over:
        return found[0][1]
    return {name: np.concatenate([part[name] for _, part in found]) for name in wanted}


Reduced = tuple[int, dict[str, Any]]  # of so many positions


def _joined(one: Reduced, other: Reduced) -> Reduced:
    """Join what was reduced of two parts of the first axis."""
    (n, a), (m, b) = one, other
    found: dict[str, Any] = {}
    with np.errstate(invalid="ignore", over="ignore"):
        for name in a:
            if name in {"min", "max"}:
                choose = np.minimum if name == "min" else np.maximum
                found[name] = choose(a[name], b[name])
            elif name == "sum":
                # what does not fit 64 bits is a number still
                found[name] = a[name].astype(np.float64) + b[name]
            elif name == "mean":
                found[name] = (a[name] * n + b[name] * m) / (n + m)
            else:  # after Chan, Golub and LeVeque
                apart = (b["mean"] - a["mean"]) ** 2 * (n * m / (n + m))
                found[name] = (a[name] * n + b[name] * m + apart) / (n + m)
    return n + m, found


def _first(dataset: Dataset, parts: Parts) -> tuple[int, range]:
    """Give the first axis that is read, and its positions."""
    for axis, part in enumerate(parts):
        if isinstance(part, slice):
            return axis, range(*part.indices(dataset.shape[axis]))
    raise ValueError("nothing is left to be added up")


def _chosen(parts: Parts, first: int, piece: range) -> Parts:
    chosen = slice(piece.start, piece.stop, piece.step)
    return (*parts[:first], chosen, *parts[first + 1 :])


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


@dataclass
class _Moments:
    """Count, sum, largest value and squares about the mean of some numbers."""

    count: Any
    total: Any
    largest: Any
    squares: Any

    @classmethod
    def of(cls, block: Any, good: Any, over: tuple[int, ...]) -> "_Moments":
        values = block.astype(np.float64)
        count = good.sum(axis=over, keepdims=True)
        total = values.sum(axis=over, where=good, keepdims=True)
        mean = total / np.maximum(count, 1)
        squares = ((values - mean) ** 2).sum(axis=over, where=good)
        largest = values.max(axis=over, where=good, initial=-np.inf)
        return cls(count.squeeze(over), total.squeeze(over), largest, squares)

    def merged(self, other: "_Moments") -> "_Moments":
        """Join two sets, after Chan, Golub and LeVeque."""
        count, total = self.count + other.count, self.total + other.total
        means = [part.total / np.maximum(part.count, 1) for part in (self, other)]
        between = self.count * other.count / np.maximum(count, 1)
        squares = self.squares + other.squares + (means[1] - means[0]) ** 2 * between
        return _Moments(count, total, np.fmax(self.largest, other.largest), squares)

    def value(self, how: How) -> np.ma.MaskedArray[Any, Any]:
        count = np.maximum(self.count, 1)
        found = {
            "sum": self.total,
            "max": self.largest,
            "mean": self.total / count,
            "std": np.sqrt(self.squares / count),
        }[how]
        empty = self.count == 0
        return np.ma.MaskedArray(np.where(empty, 0, found), empty)


def _without(
    dataset: Dataset, parts: Parts, over: tuple[int, ...], marks: list[int], how: How
) -> np.ma.MaskedArray[Any, Any]:
    """Go block by block along the first axis that is read."""
    first, positions = _first(dataset, parts)
    joined: _Moments | None = None
    found = []
    done = 0
    for some in _pieces(dataset, parts, first, positions):
        report(done, len(positions))
        done += len(some)
        block = dataset.read(_chosen(parts, first, some))
        moments = _Moments.of(block, ~np.isin(block, marks), over)
        if 0 not in over:
            found.append(moments.value(how))
        else:
            joined = moments if joined is None else joined.merged(moments)
    if joined is not None:
        return joined.value(how)
    return np.ma.MaskedArray(
        np.concatenate([part.data for part in found]),
        np.concatenate([np.ma.getmaskarray(part) for part in found]),
    )


def _pieces(
    dataset: Dataset, parts: Parts, first: int, positions: range, size: int = BLOCK
) -> list[range]:
    """Cut the first axis into pieces of *size* bytes, chunks whole where they can."""
    others = [
        len(range(*part.indices(length)))
        for axis, (part, length) in enumerate(zip(parts, dataset.shape, strict=True))
        if isinstance(part, slice) and axis != first
    ]
    each = math.prod(others) * dataset.dtype.itemsize
    step = max(size // max(each, 1), 1 if size <= BLOCK else FEWEST)
    chunk = dataset.chunks[first] if dataset.chunks else 1
    if chunk <= step and positions.step == 1:
        step -= step % chunk
    return [positions[i : i + step] for i in range(0, len(positions), step)]

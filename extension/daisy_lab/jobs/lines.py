"""Jobs on lines: a curve along one axis, thinned to what a screen can show."""

from dataclasses import replace
from typing import Any

import numpy as np

from daisy_kernel.model import Dataset, Scan
from daisy_kernel.model.errors import DaisyError, NothingToShow, ShapeMismatch
from daisy_lab.jobs.cuts import Cut, cut_of
from daisy_lab.jobs.datasets import axis_of, dataset_of, numbers_of, open_scan
from daisy_lab.jobs.values import Result, numbers


def series(
    path: str,
    roots: list[str],
    node: str,
    index: list[int],
    axis: int,
    summed: list[int],
    points: int,
    x: str,
    over: str,
    within: list[float] | None,
) -> Result:
    """Read one curve, and thin it to the smallest and largest value per bin.

    Parameters
    ----------
    x
        Dataset of the positions; the axis that the file names if empty.
    over
        Dataset over whose curve this one is drawn: its positions are taken where
        the file names none, as for a line beside the signal of a group.
    within
        Only what lies between these two positions.
    """
    with open_scan(path, roots) as scan:
        dataset = numbers_of(scan, node)
        if not dataset.shape:
            raise NothingToShow(path, f"{dataset.path} is not a line")
        whole = cut_of(dataset, [axis], index, summed)
        positions, label, units = positions_of(scan, whole, x, over)
        if positions is not None:
            positions = np.asarray(positions, np.float64)
        first, end = _between(positions, within, whole.shape[0])
        part = replace(whole, within=(first, end)).bounded()
        line = np.ma.filled(part.read().astype(np.float64), np.nan)
        at = np.arange(first, end, dtype=np.float64)
        if positions is not None:
            at = positions[first:end]
        low, high, at = _thin(line, at, points)
        return {
            "x": numbers(at),
            "lo": numbers(low),
            "hi": numbers(high),
            "errors": _errors(scan, part, points),
            "total": whole.shape[0],
            "within": [first, end],
            "inside": _inside(positions, within, first, end),
            "step": part.step,
            "label": label,
            "units": units,
            "y": {"label": dataset.name, "units": dataset.units},
        }, b""


def positions_of(
    scan: Scan, cut: Cut, x: str, over: str = ""
) -> tuple[Any, str, str | None]:
    """Give the positions along the drawn axis; None where they are counted."""
    dataset, (axis,), (length,) = cut.dataset, cut.axes, cut.shape
    found = dataset_of(scan, x) if x else _own_axis(scan, dataset, axis)
    if found is None and over:
        found = _own_axis(scan, dataset_of(scan, over), axis)
    if found is None:
        return None, "index", None
    if found.shape == (length,):
        values = found.read()
    elif found.shape == dataset.shape and not cut.summed:
        values = found.read(cut.selection)
    elif x:
        raise ShapeMismatch(
            f"{found.file}: {found.path}",
            f"its shape is {found.shape}, the curve has {length} points",
        )
    else:
        return None, "index", None
    return np.asarray(values), found.name, found.units


def _own_axis(scan: Scan, dataset: Dataset, axis: int) -> Dataset | None:
    if axis >= len(dataset.axes):
        return None
    return axis_of(scan, dataset, dataset.axes[axis])


def points_within(
    positions: Any, within: list[float] | None, length: int
) -> tuple[int, int]:
    """Find the first point that lies in a range, and the end."""
    if positions is not None:
        # differences of whole numbers without a sign would never be negative
        positions = np.asarray(positions, np.float64)
    first, end = _inside(positions, within, *_between(positions, within, length))
    return first, end


def _between(
    positions: Any, within: list[float] | None, length: int
) -> tuple[int, int]:
    """Find which points lie in a range, with a neighbour on each side.

    Positions that go up and down have no such range: then it is all of them.
    """
    if within is None or not length:
        return 0, length
    low, high = sorted(within)
    if positions is None:
        return max(int(low) - 1, 0), max(min(int(high) + 2, length), 1)
    rising = np.all(np.diff(positions) >= 0)
    if not rising and not np.all(np.diff(positions) <= 0):
        return 0, length
    ordered = positions if rising else positions[::-1]
    first = max(int(np.searchsorted(ordered, low)) - 1, 0)
    end = min(int(np.searchsorted(ordered, high, "right")) + 1, length)
    return (first, end) if rising else (length - end, length - first)


def _inside(
    positions: Any, within: list[float] | None, first: int, end: int
) -> list[int]:
    """Leave out the neighbours of a range, unless nothing would be left."""
    if within is None:
        return [first, end]
    at = np.arange(first, end) if positions is None else positions[first:end]
    found = np.flatnonzero((at >= min(within)) & (at <= max(within)))
    if not found.size:
        return [first, end]
    return [first + int(found[0]), first + int(found[-1]) + 1]


def _errors(scan: Scan, cut: Cut, points: int) -> list[float | None] | None:
    """Read the uncertainties of the points; None where the file has none."""
    found = errors_of(scan, cut.dataset)
    first, end = cut.within or (0, cut.shape[0])
    # the uncertainty of a bin is not that of its extremes
    if found is None or cut.summed or end - first > points:
        return None
    try:
        values = found.read(cut.selection)
    except DaisyError:
        return None
    return numbers(np.asarray(values, np.float64))


def errors_of(scan: Scan, dataset: Dataset) -> Dataset | None:
    """Find the uncertainties of a signal as NXdata names them."""
    group = dataset.path.rpartition("/")[0]
    for name in (f"{dataset.name}_errors", "errors"):
        found = scan.get(f"{group}/{name}")
        if (
            isinstance(found, Dataset)
            and found.shape == dataset.shape
            and found.dtype.kind in "iuf"
        ):
            return found
    return None


def _thin(line: Any, x: Any, points: int) -> tuple[Any, Any, Any]:
    if line.size <= points:
        return line, line, x
    edges = np.linspace(0, line.size, points + 1).astype(np.int64)[:-1]
    low = np.fmin.reduceat(line, edges)
    high = np.fmax.reduceat(line, edges)
    return low, high, x[edges]

"""Which point of an object belongs to which place of a grid."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np

from daisy_kernel.model import Axis
from daisy_kernel.model.errors import NotAligned
from daisy_kernel.model.gathered import Table
from daisy_kernel.store.matching import Merged, in_units
from daisy_kernel.store.nearness import Floats, Indices, nearest
from daisy_kernel.store.scanned import Scanned

# of a step: halfway between two places a point belongs to neither
_HALF = 0.5


def by_axes(index: Mapping[str, Indices], shape: tuple[int, ...]) -> Table:
    """Give the number of the point at each place, of an object with plain axes.

    Parameters
    ----------
    index
        By axis, slow to fast: where each position is in the object, or -1.
    shape
        Of the object's axes.
    """
    lines = list(index.values())
    sizes = [
        [-1 if i == j else 1 for j in range(len(lines))] for i in range(len(lines))
    ]
    spread = [line.reshape(size) for line, size in zip(lines, sizes, strict=True)]
    table = np.zeros((1,) * len(lines), np.intp)
    for line, size in zip(spread, shape, strict=True):
        table = table * size + line
    absent = reduce(np.logical_or, [line < 0 for line in spread])
    return np.where(absent, -1, table)


def by_positions(
    who: Scanned,
    depth: int,
    sizes: Mapping[str, int],
    lines: Mapping[str, Merged],
    tolerance: Mapping[str, float | None],
) -> Table:
    """Give the number of the point at each place, of an object with positions.

    Parameters
    ----------
    sizes
        Number of places along each axis of the grid, slow to fast.
    lines
        Values of those axes that have some.

    Raises
    ------
    NotAligned
        A point is outside the grid, or two belong to one place.
    """
    shape = who.found.shape[:depth]
    cells = np.zeros(int(np.prod(shape)), np.intp)
    for name, size in sizes.items():
        at = _by_number(who, name, depth, size)
        if at is None:
            at = _along(who, name, depth, lines[name], tolerance[name])
        cells = cells * size + at
    _refuse_two_in_one(who, cells, shape, sizes, lines)
    table = np.full(int(np.prod(list(sizes.values()))), -1, np.intp)
    table[cells] = np.arange(len(cells))
    return table.reshape(tuple(sizes.values()))


def _by_number(who: Scanned, name: str, depth: int, size: int) -> Indices | None:
    """Give the place of each point along an axis that has no values."""
    number = who.axis_number(name)
    if number is None or who.coordinates(name, depth) is not None:
        return None
    if who.found.shape[number] != size:
        raise NotAligned(
            who.name,
            f"its {name} has no values, only {who.found.shape[number]} positions "
            f"against {size}: give it values",
        )
    ones = [size if i == number else 1 for i in range(depth)]
    line = np.arange(size).reshape(ones)
    return np.broadcast_to(line, who.found.shape[:depth]).reshape(-1)


def _along(
    who: Scanned, name: str, depth: int, merged: Merged, tolerance: float | None
) -> Indices:
    """Give the place along one axis of the grid for each point."""
    found = who.coordinates(name, depth)
    if found is None:
        raise NotAligned(
            f"{who.name} and {merged.first}",
            f"{who.name} has positions, but none for {name}: give it values",
        )
    flat = Axis(name, np.asarray(found.values).reshape(-1), found.units)
    values = in_units(name, (merged.first, merged.axis), (who.name, flat), tolerance)
    near, distance = nearest(values, merged.values)
    _refuse_outside(who, name, depth, merged, (values, distance), tolerance)
    return near


def _refuse_outside(
    who: Scanned,
    name: str,
    depth: int,
    merged: Merged,
    points: tuple[Floats, Floats],
    tolerance: float | None,
) -> None:
    values, distance = points
    if tolerance is None and np.isinf(merged.step) and distance.max(initial=0) > 0:
        raise NotAligned(
            f"{who.name} and {merged.first}",
            f"{name} has one position, so there is no step: pass tolerance=...",
        )
    limit = _HALF * merged.step * (1 - 1e-9) if tolerance is None else tolerance
    wrong = ~(distance <= limit)  # also what is not a number
    if wrong.any():
        i = int(wrong.argmax())
        at = tuple(int(n) for n in np.unravel_index(i, who.found.shape[:depth]))
        grid, units = merged.values, merged.axis.units
        raise NotAligned(
            f"{who.name} and {merged.first}",
            f"{wrong.sum()} point(s) of {who.name} lie outside the grid of "
            f"{merged.first}: the first is {at}, where {name} is {values[i]:g} {units},"
            f" and the grid has {grid.min():g} to {grid.max():g} in steps of "
            f"{merged.step:g}. Leave them out, or pass a larger tolerance",
        )


def _refuse_two_in_one(
    who: Scanned,
    cells: Indices,
    shape: tuple[int, ...],
    sizes: Mapping[str, int],
    lines: Mapping[str, Merged],
) -> None:
    found, counts = np.unique(cells, return_counts=True)
    if not (counts > 1).any():
        return
    cell = found[counts.argmax()]
    a, b = (
        tuple(int(n) for n in np.unravel_index(i, shape))
        for i in np.flatnonzero(cells == cell)[:2]
    )
    place = np.unravel_index(cell, tuple(sizes.values()))
    where = ", ".join(
        f"{name} {lines[name].values[i] if name in lines else i:g}"
        for name, i in zip(sizes, place, strict=True)
    )
    others = sorted({merged.first for merged in lines.values()} - {who.name})
    raise NotAligned(
        " and ".join([who.name, *others]),
        f"the points {a} and {b} of {who.name} both belong to {where}. Leave one out, "
        "or pass a smaller tolerance",
    )

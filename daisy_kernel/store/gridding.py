"""Find the grid that detectors share: from their axes, else from their encoders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from daisy_kernel.model.errors import NotAligned
from daisy_kernel.store.grid import Grid, Within, is_read
from daisy_kernel.store.matching import Merged, merge
from daisy_kernel.store.placed import is_as_it_was
from daisy_kernel.store.scanned import Scanned


def grid_of(scanned: Sequence[Scanned], names: Sequence[str], within: Within) -> Grid:
    """Find the grid.

    Raises
    ------
    NotAligned
        Nothing says where it is, or objects without values could be anywhere on it.
    """
    depth = {one.name: one.depth(names) for one in scanned}
    names = _in_order(scanned, names)
    lines = {n: line for n in names if (line := _line(scanned, n, within[n]))}
    sizes = {name: _size(scanned, name, lines.get(name)) for name in names}
    grid = Grid(lines, sizes, depth)
    _refuse_bare(scanned, grid, within)
    return grid


def _line(
    scanned: Sequence[Scanned], name: str, tolerance: float | None
) -> Merged | None:
    """Give positions that axes have, else those that encoders of a grid have read."""
    given = {o.name: axis for o in scanned if (axis := o.values(name)) is not None}
    if given:
        return merge(name, given, tolerance)
    read = [(o.name, axis) for o in scanned if (axis := o.derived(name)) is not None]
    if read:
        first, axis = max(read, key=lambda item: len(np.asarray(item[1].values)))
        return Merged(axis, first, {})
    reading = [one.name for one in scanned if name in one.found.positions]
    if reading:
        raise NotAligned(
            " and ".join(one.name for one in scanned),
            f"{', '.join(reading)} has positions of {name}, and no object has an axis "
            f"{name} with values: give one of them the values of the grid",
        )
    return None


def _size(scanned: Sequence[Scanned], name: str, line: Merged | None) -> int:
    """Give the number of positions; without values it has to be the same in all."""
    if line is not None:
        return len(line.values)
    sizes = {
        one.name: one.found.shape[number]
        for one in scanned
        if (number := one.axis_number(name)) is not None
    }
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{size} of {who}" for who, size in sizes.items())
        raise NotAligned(
            " and ".join(sizes),
            f"{name} has no values, and different lengths: {listed}. Give it values, "
            "so that it is known which are absent",
        )
    return next(iter(sizes.values()))


def _in_order(scanned: Sequence[Scanned], names: Sequence[str]) -> list[str]:
    """Give names as plain axes have them, which must be the same everywhere."""
    orders = {
        one.name: sorted(names, key=lambda name: one.axis_number(name) or 0)
        for one in scanned
        if all(one.axis_number(name) is not None for name in names)
    }
    if not orders:
        return list(names)
    first, order = next(iter(orders.items()))
    for who, other in orders.items():
        if other != order:
            raise NotAligned(
                f"{first} and {who}",
                f"their axes are in another order: {', '.join(order)} and "
                f"{', '.join(other)}. Turn one of them",
            )
    return order


def _refuse_bare(scanned: Sequence[Scanned], grid: Grid, within: Within) -> None:
    """Refuse axes without values where others are not simply the same."""
    for one in scanned:
        for name in grid.sizes:
            number = one.axis_number(name)
            bare = number is not None and one.values(name) is None
            if number is None or not bare or name in one.found.positions:
                continue
            others = [o for o in scanned if o is not one]
            size = one.found.shape[number]
            moved = [o.name for o in others if not _stays(o, grid, name, within)]
            if size != grid.sizes[name] or moved:
                raise NotAligned(
                    f"{one.name} and {(moved or [o.name for o in others])[0]}",
                    f"{name} of {one.name} has no values, only {size} positions, "
                    f"against {grid.sizes[name]} in other places: give it values or "
                    "positions",
                )


def _stays(other: Scanned, grid: Grid, name: str, within: Within) -> bool:
    if is_read(other, grid.sizes):
        shape = other.found.shape[: grid.depth[other.name]]
        return is_as_it_was(grid.table(other, within), shape)
    merged = grid.lines.get(name)
    index = merged.index.get(other.name) if merged else None
    return index is None or np.array_equal(index, np.arange(grid.sizes[name]))

"""Several detectors of one scan on the same points. What is not clear is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from daisy_kernel.model import DataObject, data_object
from daisy_kernel.model.errors import NotAligned, ParameterRefused
from daisy_kernel.store.gridding import grid_of
from daisy_kernel.store.scanned import Scanned, refuse_misfits
from daisy_kernel.store.sharing import are_one_list, needed, shared

How = Literal["common", "all"]
Tolerance = float | Mapping[str, float] | None


def align(
    objects: Mapping[str, Any],
    *,
    how: How = "common",
    axes: Sequence[str] | None = None,
    tolerance: Tolerance = None,
) -> dict[str, DataObject]:
    """Bring detectors of one scan onto the same points.

    Points are told by the axes that all objects have, and where encoders were read, by
    their `positions`: so lines that were scanned back and forth come into one sense, a
    list of points goes onto the grid of another object, and missing lines are seen.
    Datasets stay in their files.

    Parameters
    ----------
    objects
        By name, data objects or what makes one. The first one with values for an
        axis gives its grid and units.
    how
        "common": the points that all have. "all": those that any has; absent values
        are NaN, or 0 of whole numbers, and masked.
    axes
        Names of what to align; by default all that the objects share.
    tolerance
        How far positions of the same point may be apart, in units of the grid; or by
        name. By default a hundredth of a step for axes, half a step for encoders.

    Returns
    -------
    :
        By name, with the same points along the same first axes. What needs no change
        is the same object.

    Raises
    ------
    NotAligned
        It is not known, or not clear, which points are the same. Objects, axis, and
        shapes or ranges are named, and what to do.

    Examples
    --------
    >>> align({"xrf": xrf, "stxm": stxm}, how="all")  # doctest: +SKIP
    """
    if how not in get_args(How):
        raise ParameterRefused(f"how is {how!r}; it can be 'common' or 'all'")
    given = {name: data_object(found) for name, found in objects.items()}
    scanned = [Scanned(name, found) for name, found in given.items()]
    refuse_misfits(scanned, axes)
    if len(scanned) < 2 and axes is None:  # noqa: PLR2004
        return given
    asked = shared(scanned) if axes is None else _asked(scanned, axes)
    within = {name: _tolerance(tolerance, name) for name in asked}
    names = needed(scanned, asked)
    if not names or are_one_list(scanned, names, within):
        return given
    grid = grid_of(scanned, names, within)
    tables = {one.name: grid.table(one, within) for one in scanned}
    keep = grid.kept(how, tables)
    made = [grid.place(one, tables[one.name], keep) for one in scanned]
    return dict(zip(given, made, strict=True))


def _asked(scanned: Sequence[Scanned], axes: Sequence[str]) -> list[str]:
    names = axes.split() if isinstance(axes, str) else list(axes)
    for one in scanned:
        for name in names:
            if not one.knows(name):
                raise NotAligned(
                    one.name,
                    f"it has no axis and no positions {name!r}, only "
                    f"{', '.join(one.known) or 'unnamed ones'}",
                )
    return names


def _tolerance(tolerance: Tolerance, name: str) -> float | None:
    return tolerance.get(name) if isinstance(tolerance, Mapping) else tolerance

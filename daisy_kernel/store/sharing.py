"""Which axes detectors share, and which of them have to be aligned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from daisy_kernel.model import Axis
from daisy_kernel.model.errors import NotAligned
from daisy_kernel.store.matching import are_equal, in_units
from daisy_kernel.store.scanned import Scanned

# two readings of the same encoder, relative to its range
_ROUNDING = 1e-6
Within = Mapping[str, float | None]


def shared(scanned: Sequence[Scanned]) -> list[str]:
    """Name what all objects know, slow to fast.

    Raises
    ------
    NotAligned
        There is nothing.
    """
    known = [[n for n in o.known if all(x.knows(n) for x in scanned)] for o in scanned]
    if not known[0]:
        what = "; ".join(
            f"{one.name} of shape {one.found.shape} has "
            + (", ".join(one.known) or "none")
            for one in scanned
        )
        raise NotAligned(
            " and ".join(one.name for one in scanned),
            f"they share no axis by name: {what}. Name their axes alike",
        )
    # an object with axes says in which order they are; positions do not
    order = [[o.axis_number(n) is None for n in known[0]] for o in scanned]
    return known[min(range(len(scanned)), key=lambda i: sum(order[i]))]


def needed(scanned: Sequence[Scanned], names: Sequence[str]) -> list[str]:
    """Leave out last axes that are the same in all, like those of a spectrum."""
    differ = [name for name in names if not _is_same(scanned, name)]
    while differ:
        inside = [
            name
            for name in names
            if name in differ or any(_is_before(one, name, differ) for one in scanned)
        ]
        if inside == differ:
            return differ
        differ = inside
    return []


def are_one_list(
    scanned: Sequence[Scanned], names: Sequence[str], within: Within
) -> bool:
    """Whether all are lists of the same points.

    Raises
    ------
    NotAligned
        They are lists of different points, and nothing says on which grid.
    """
    if not all(_is_list(one, names) for one in scanned):
        return False
    first, *others = scanned
    for other in others:
        for name in names:
            pair = [one.coordinates(name, 1) for one in (first, other)]
            if not _agree(name, (first, other), pair, within[name]):
                raise NotAligned(
                    f"{first.name} and {other.name}",
                    f"both are lists of points, of {first.found.shape[0]} and "
                    f"{other.found.shape[0]}, with different {name}. Give one of them "
                    f"the axes of a grid ({', '.join(names)}), or name with axes=... "
                    "what else says which point is which",
                )
    return True


def _is_same(scanned: Sequence[Scanned], name: str) -> bool:
    """Whether an axis is the same in all, and no encoder says more about it."""
    sizes = set()
    for one in scanned:
        number = one.axis_number(name)
        if number is None or name in one.found.positions:
            return False
        sizes.add(one.found.shape[number])
    if len(sizes) > 1:
        return False
    given = {o.name: axis for o in scanned if (axis := o.values(name)) is not None}
    return not given or are_equal(name, given)


def _is_before(one: Scanned, name: str, names: Sequence[str]) -> bool:
    """Whether an axis of an object comes before the last of some others."""
    number = one.axis_number(name)
    numbers = [n for other in names if (n := one.axis_number(other)) is not None]
    return number is not None and number < max(numbers, default=0)


def _is_list(one: Scanned, names: Sequence[str]) -> bool:
    return all(
        name in one.found.positions
        and np.asarray(one.found.positions[name].values).ndim == 1
        and one.axis_number(name) is None
        for name in names
    )


def _agree(
    name: str,
    pair: tuple[Scanned, Scanned],
    axes: Sequence[Axis | None],
    tolerance: float | None,
) -> bool:
    (one, other), (a, b) = pair, axes
    if a is None or b is None or one.found.shape[0] != other.found.shape[0]:
        return False
    mine = np.asarray(a.values, np.float64)
    values = in_units(name, (one.name, a), (other.name, b), tolerance)
    apart = np.abs(mine - values).max(initial=0)
    limit = _ROUNDING * np.ptp(mine) if tolerance is None and mine.size else tolerance
    return bool(apart <= (limit or 0.0))

"""Which values of axes are the same points. Nothing is guessed.

Values are the same within a hundredth of a step, and different from half a step on.
What lies between could be either, so it is refused until a tolerance says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daisy_kernel.model import Axis
from daisy_kernel.model.errors import NotAligned
from daisy_kernel.store.nearness import Floats, Indices, equal, nearest, step_of, within
from daisy_kernel.store.units import factor

# of a step: from where on positions are different ones
_OTHER = 0.5
# whole numbers beyond it are not all float64
_EXACT = 1 << 53


@dataclass(frozen=True)
class Merged:
    """Positions of one axis in all objects together.

    Attributes
    ----------
    axis
        With all positions that any object has, in units of the first.
    first
        Name of the object that has given them.
    index
        By object: where each position is in it, -1 where it is absent.
    """

    axis: Axis
    first: str
    index: dict[str, Indices]

    @property
    def values(self) -> Floats:
        """The positions."""
        return np.asarray(self.axis.values, np.float64)

    @property
    def step(self) -> float:
        """Smallest distance of two positions, infinite for one of them."""
        return step_of(self.values)


def merge(name: str, given: Mapping[str, Axis], tolerance: float | None) -> Merged:
    """Find the positions of an axis that objects share.

    Parameters
    ----------
    given
        By object, with values, shape (n,).

    Raises
    ------
    NotAligned
        Units do not fit, or it is not clear which positions are the same.
    """
    first, axis = next(iter(given.items()))
    converted = {
        other: in_units(name, (first, axis), (other, found), tolerance)
        for other, found in given.items()
    }
    if all(equal(converted[first], values, tolerance) for values in converted.values()):
        whole = np.arange(len(converted[first]))
        return Merged(axis, first, dict.fromkeys(given, whole))
    for other, values in converted.items():
        _refuse_unusable(name, other, values)
    union, origin = converted[first], np.full(len(converted[first]), first, object)
    for other, values in converted.items():
        near, distance = nearest(values, union)
        same = _same(name, (origin, union, near), (other, values, distance), tolerance)
        _refuse_twice(name, other, values[same], near[same])
        union = np.concatenate([union, values[~same]])
        origin = np.concatenate([origin, np.full((~same).sum(), other, object)])
    union = _ordered(union, converted[first])
    index = {o: _places(name, o, v, union) for o, v in converted.items()}
    return Merged(Axis(name, union, axis.units), first, index)


def are_equal(name: str, given: Mapping[str, Axis]) -> bool:
    """Whether an axis has the same values in all, within a hundredth of a step.

    Raises
    ------
    NotAligned
        The units do not fit, or one of them is not known.
    """
    first, axis = next(iter(given.items()))
    if all(_identical(axis, other) for other in given.values()):
        return True
    if not all(_is_number(other) for other in given.values()):
        return False
    mine = np.asarray(axis.values, np.float64)
    others = (
        in_units(name, (first, axis), item, None) for item in list(given.items())[1:]
    )
    return all(equal(mine, values, None) for values in others)


def in_units(
    name: str, first: tuple[str, Axis], other: tuple[str, Axis], tolerance: float | None
) -> Floats:
    """Give the values of another object's axis in the units of the first.

    Raises
    ------
    NotAligned
        The units do not fit, or one of them is not known.
    """
    (one, axis), (two, found) = first, other
    for who, line in (first, other):
        if not _is_number(line):
            raise NotAligned(
                who,
                f"its {name} is {np.asarray(line.values).dtype.name}, or beyond 2^53: "
                "give it values that are exact as float64",
            )
    values = np.asarray(found.values, np.float64)
    if bool(found.units) != bool(axis.units):
        mine = np.asarray(axis.values, np.float64)
        if values.shape == mine.shape and equal(mine, values, tolerance):
            return values
        without = two if axis.units else one
        raise NotAligned(
            f"{one} and {two}",
            f"{name} is in {axis.units or 'no unit'} and in {found.units or 'no unit'},"
            f" from {_range(axis.values)} and from {_range(found.values)}: say the "
            f"units of {name} in {without}",
        )
    scale = factor(found.units, axis.units)
    if scale is None:
        raise NotAligned(
            f"{one} and {two}",
            f"{name} is in {axis.units} and in {found.units}, which do not fit: give "
            "it one that can be turned into the other",
        )
    return values * scale


def _identical(a: Axis, b: Axis) -> bool:
    return a.units == b.units and np.array_equal(
        np.asarray(a.values), np.asarray(b.values)
    )


def _is_number(axis: Axis) -> bool:
    """Whether all values are numbers that float64 holds exactly enough."""
    values = np.asarray(axis.values)
    if values.dtype.kind in "iu" and values.size:
        return int(values.max()) <= _EXACT and int(values.min()) >= -_EXACT
    return values.dtype.kind in "biuf"


def _same(
    name: str,
    known: tuple[npt.NDArray[np.object_], Floats, Indices],
    other: tuple[str, Floats, Floats],
    tolerance: float | None,
) -> npt.NDArray[np.bool_]:
    (origin, union, near), (two, values, distance) = known, other
    same = distance <= within(tolerance, union, values)
    step = step_of(union, values)
    unclear = ~same & (distance < _OTHER * step) & (tolerance is None)
    if unclear.any():
        i = int(unclear.argmax())
        raise NotAligned(
            f"{origin[near[i]]} and {two}",
            f"{name} is {union[near[i]]:g} and {values[i]:g}: the same point, or two? "
            f"{_step(step)}. Pass tolerance={distance[unclear].max():.3g} if "
            "they are the same, and a smaller one if not; or name with axes=... those "
            f"to align, if {name} is none of them",
        )
    return np.asarray(same)


def _refuse_unusable(name: str, who: str, values: Floats) -> None:
    if not np.isfinite(values).all():
        raise NotAligned(who, f"its {name} is not a number somewhere: leave that out")
    found, counts = np.unique(values, return_counts=True)
    if (counts > 1).any():
        raise NotAligned(
            who,
            f"its {name} is {found[counts.argmax()]:g} at {counts.max()} points, so "
            "it does not say which point is which: add up or leave out the repeats",
        )


def _refuse_twice(name: str, who: str, values: Floats, near: Indices) -> None:
    found, counts = np.unique(near, return_counts=True)
    if (counts > 1).any():
        a, b = values[near == found[counts.argmax()]][:2]
        raise NotAligned(
            who,
            f"its {name} {a:g} and {b:g} are the same point of the others: pass a "
            "smaller tolerance, or leave one of them out",
        )


def _step(step: float) -> str:
    return (
        "There is no step to compare with" if np.isinf(step) else f"A step is {step:g}"
    )


def _ordered(union: Floats, first: Floats) -> Floats:
    """Keep the order of the first object if it has all, else sort, in its sense."""
    if len(union) == len(first):
        return union
    falls = len(first) > 1 and bool((np.diff(first) < 0).all())
    return np.sort(union)[::-1] if falls else np.sort(union)


def _places(name: str, who: str, values: Floats, union: Floats) -> Indices:
    """Give the index in the values for each of the union, of which all are part."""
    near, _ = nearest(values, union)
    _refuse_twice(name, who, values, near)
    places = np.full(len(union), -1, np.intp)
    places[near] = np.arange(len(values))
    return places


def _range(values: npt.ArrayLike | None) -> str:
    found = np.asarray(values)
    return f"{found.min():g} to {found.max():g}" if found.size else "nothing"

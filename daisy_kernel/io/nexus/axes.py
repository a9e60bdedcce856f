"""Which fields are the axes of a signal, and whether they fit it."""

from __future__ import annotations

import re
from typing import Any

import h5py

from daisy_kernel.io.hdf5.attributes import Attributes
from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.walk import Place, names, walk
from daisy_kernel.model.errors import DataError
from daisy_kernel.model.text import plain

Axes = tuple[str | None, ...]


def axes_of(
    files: Files, group: Place, signal: Place, name: str
) -> tuple[Axes, tuple[str, ...]]:
    """Name the axes of a signal.

    An axis of n values or of n + 1 bin edges fits; any other is left out, and
    the note names both shapes.
    """
    shape = tuple(h5py.Dataset(signal.object).shape or ())
    declared = _declared(group, signal)
    if not declared:
        declared = _by_number(files, group, name, len(shape))
    wanted = [*declared[: len(shape)], *[None] * (len(shape) - len(declared))]
    axes: list[str | None] = []
    notes: list[str] = []
    for axis, axis_name in enumerate(wanted):
        problem = _problem(files, group, axis_name, axis, shape) if axis_name else None
        axes.append(None if problem else axis_name)
        notes += [problem] if problem else []
    return tuple(axes), tuple(notes)


def _declared(group: Place, signal: Place) -> list[str | None]:
    """Read `axes` of the group, else of the signal ("a:b", "[a,b]")."""
    value: Any = plain(Attributes(group.object).get("axes", ""))
    if not value:
        value = plain(Attributes(signal.object).get("axes", ""))
    if isinstance(value, str):
        value = [part for part in re.split(r"[:,\s]+", value.strip("[] ")) if part]
    return [None if name in (".", "") else str(name) for name in value or []]


def _by_number(files: Files, group: Place, signal: str, ndim: int) -> list[str | None]:
    """Read the oldest style: an `axis` attribute, counted from 1, on each field."""
    axes: list[str | None] = [None] * ndim
    for name in names(group)[:200]:
        if name == signal:
            continue
        try:
            number = plain(Attributes(walk(files, group, name).object).get("axis"))
        except DataError:
            continue
        if str(number).isdigit() and 1 <= int(number) <= ndim:
            axes[int(number) - 1] = axes[int(number) - 1] or name
    return axes if any(axes) else []


def _problem(
    files: Files, group: Place, name: str, axis: int, shape: tuple[int, ...]
) -> str | None:
    try:
        place = walk(files, group, name)
    except DataError:
        return f"axis {name!r} is missing"
    found = () if place.is_group else tuple(h5py.Dataset(place.object).shape or ())
    fits = (shape[axis], shape[axis] + 1)
    if (len(found) == 1 and found[0] in fits) or (
        len(found) > 1 and axis < len(found) and found == shape[: len(found)]
    ):
        return None
    return f"axis {name!r} of shape {found} does not fit the signal of shape {shape}"

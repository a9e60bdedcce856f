"""Which dataset of a file to draw first.

In this order: the chain of `default` attributes, any NXdata group with its
signal (`signal` on the group, or `signal=1` on the dataset as older files have
it), the Data Exchange layout, the largest numeric dataset. Whatever a file
declares and does not hold is noted, and the next best taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import h5py

from daisy_kernel.io.hdf5.attributes import Attributes
from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.walk import Place, names, walk
from daisy_kernel.io.nexus.axes import Axes, axes_of
from daisy_kernel.io.nexus.survey import Survey, survey
from daisy_kernel.model import Problem
from daisy_kernel.model.errors import DataError
from daisy_kernel.model.text import plain

# frames over angles
_STACK = 3


@dataclass(frozen=True)
class Plot:
    """A dataset worth drawing, and the names of its axes."""

    place: Place
    axes: Axes
    notes: tuple[str, ...] = ()


@dataclass
class Choice:
    """Plots, best first, and what to say about them."""

    plots: list[Plot] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what should be known about the choice of the signal."""
        return tuple(self.noted)

    def of(self, path: str) -> Plot | None:
        """Give the plot at a path."""
        return next((plot for plot in self.plots if plot.place.path == path), None)

    def add(self, plot: Plot) -> None:
        """Take a plot, unless the same dataset is there under another name."""
        if all(plot.place.identity != old.place.identity for old in self.plots):
            self.plots.append(plot)


def choose(files: Files, top: Place) -> Choice:
    """Look through a file for what to draw."""
    seen = survey(files, top)
    choice = Choice(problems=seen.problems)
    default = _default_group(files, top, choice)
    for group in [default, *seen.data_groups]:
        if group is not None:
            _add_group(files, group, choice, declared=group is default)
    _add_exchange(files, top, choice)
    _add_largest(seen, choice)
    _order(choice)
    return choice


def is_numeric(dataset: h5py.Dataset) -> bool:
    """Whether a dataset holds numbers that can be drawn."""
    try:
        return dataset.dtype.kind in "biufc"
    except (TypeError, ValueError, KeyError):
        return False


def _default_group(files: Files, top: Place, choice: Choice) -> Place | None:
    """Follow `default` from the root to a group."""
    place, followed = top, False
    for _ in range(8):
        name = _default_name(place) or (not place.path and _only_entry(files, place))
        if not name:
            break
        try:
            place, followed = walk(files, place, name), True
        except DataError as error:
            choice.noted.append(f"the declared default {name!r} is missing: {error}")
            return None
        if not place.is_group:
            break
    return place if followed else None


def _default_name(place: Place) -> str:
    return str(plain(Attributes(place.object).get("default", "")) or "")


def _only_entry(files: Files, top: Place) -> str:
    """Name the entry whose `default` counts when the root declares none."""
    for name in names(top)[:50]:
        try:
            place = walk(files, top, name)
        except DataError:
            continue
        if place.is_group and _default_name(place):
            return name
    return ""


def _add_group(files: Files, group: Place, choice: Choice, declared: bool) -> None:
    if not group.is_group:
        choice.add(Plot(group, _no_axes(group)))
        return
    main, others = _signal_names(files, group)
    for name in [*([main] if main else []), *others]:
        try:
            place = walk(files, group, name)
        except DataError as error:
            if declared and name == main:
                choice.noted.append(
                    f"the declared default plot {group.path}/{name} is missing: {error}"
                )
            continue
        if not place.is_group and is_numeric(h5py.Dataset(place.object)):
            axes, notes = axes_of(files, group, place, name)
            choice.add(Plot(place, axes, notes))


def _signal_names(files: Files, group: Place) -> tuple[str | None, list[str]]:
    attrs = Attributes(group.object)
    main = str(plain(attrs.get("signal", "")) or "") or None
    more = plain(attrs.get("auxiliary_signals", [])) or []
    others = [str(name) for name in (more if isinstance(more, list) else [more])]
    return main or _old_signal(files, group), others


def _old_signal(files: Files, group: Place) -> str | None:
    members = names(group)
    for name in members[:200]:
        try:
            place = walk(files, group, name)
        except DataError:
            continue
        if not place.is_group and str(plain(_signal_of(place))) == "1":
            return name
    return "data" if "data" in members else None


def _signal_of(place: Place) -> Any:
    return Attributes(place.object).get("signal", "")


def _add_exchange(files: Files, top: Place, choice: Choice) -> None:
    try:
        place = walk(files, top, "exchange/data")
    except DataError:
        return
    if not place.is_group and is_numeric(h5py.Dataset(place.object)):
        axes = _no_axes(place)
        choice.add(Plot(place, ("theta", *axes[1:]) if len(axes) == _STACK else axes))


def _add_largest(seen: Survey, choice: Choice) -> None:
    numeric = [p for p in seen.datasets if is_numeric(h5py.Dataset(p.object))]
    images = [p for p in numeric if len(h5py.Dataset(p.object).shape or ()) > 1]
    lines = [p for p in numeric if len(h5py.Dataset(p.object).shape or ()) == 1]
    for group in (images, lines):
        if choice.plots and (group is lines or _has_numbers(choice)):
            return
        for place in sorted(group, key=_size, reverse=True)[:20]:
            choice.add(Plot(place, _no_axes(place)))


def _order(choice: Choice) -> None:
    """Put what has no elements last, and say so about a default."""
    if choice.plots and not _size(choice.plots[0].place):
        first = choice.plots[0].place
        shape = h5py.Dataset(first.object).shape
        choice.noted.append(f"{first.path} holds no data: its shape is {shape}")
    choice.plots.sort(key=lambda plot: not _size(plot.place))


def _has_numbers(choice: Choice) -> bool:
    return any(_size(plot.place) for plot in choice.plots)


def _no_axes(place: Place) -> Axes:
    return (None,) * len(h5py.Dataset(place.object).shape or ())


def _size(place: Place) -> int:
    return int(h5py.Dataset(place.object).size or 0)

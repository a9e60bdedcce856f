"""Where the points of an object lie: what its axes and its encoders say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from daisy_kernel.model import Axis, DataObject
from daisy_kernel.model.errors import NotAligned
from daisy_kernel.store.nearness import Floats, step_of

# of a step: so far may positions of one line be apart
_LINE = 0.5


@dataclass(frozen=True)
class Scanned:
    """An object of a scan, by name."""

    name: str
    found: DataObject

    def axis_number(self, name: str) -> int | None:
        """Which axis of the data has the name.

        Raises
        ------
        NotAligned
            Two have it.
        """
        names = self.found.axis_names
        if names.count(name) > 1:
            raise NotAligned(
                self.name,
                f"two of its axes are called {name}: ({', '.join(names)}) of shape "
                f"{self.found.shape}. Name them apart",
            )
        return names.index(name) if name in names else None

    def values(self, name: str) -> Axis | None:
        """Give the values of an axis, one per point; None where there are none."""
        number = self.axis_number(name)
        axis = None if number is None else self.found.axes[number]
        if number is None or axis is None or axis.values is None:
            return None
        if len(axis.values) > self.found.shape[number]:  # edges of bins
            return replace(axis, values=(axis.values[1:] + axis.values[:-1]) / 2)
        return axis

    def knows(self, name: str) -> bool:
        """Whether it has an axis or positions of that name."""
        return name in self.found.positions or name in self.found.axis_names

    @property
    def known(self) -> list[str]:
        """Names of its axes and positions."""
        names = [name for name in self.found.axis_names if name]
        return names + [name for name in self.found.positions if name not in names]

    def depth(self, names: Sequence[str]) -> int:
        """How many first axes tell where a point is.

        Raises
        ------
        NotAligned
            Another axis lies between them.
        """
        spanned = max((self._spanned(n) for n in names), default=0)
        numbers = [self.axis_number(name) for name in names]
        depth = max([spanned, *(n + 1 for n in numbers if n is not None)])
        for number in range(spanned, depth):
            if number not in numbers:
                axes = ", ".join(name or "?" for name in self.found.axis_names)
                raise NotAligned(
                    self.name,
                    f"its axes are ({axes}) of shape {self.found.shape}: "
                    f"{', '.join(names)} are not the first of them. Bring them to the "
                    "front, or name with axes=... those to align",
                )
        return depth

    def coordinates(self, name: str, depth: int) -> Axis | None:
        """Give where each point is along an axis, shape of the first axes.

        None where only its number in the data is known.
        """
        shape = self.found.shape[:depth]
        if (read := self.found.positions.get(name)) is not None:
            values = np.asarray(read.values, np.float64)
            ones = (1,) * (depth - values.ndim)
            spread = np.broadcast_to(values.reshape(values.shape + ones), shape)
            return Axis(name, spread, read.units)
        axis, number = self.values(name), self.axis_number(name)
        if axis is None or number is None:
            return None
        line = np.asarray(axis.values, np.float64)
        sizes = [-1 if i == number else 1 for i in range(depth)]
        return Axis(name, np.broadcast_to(line.reshape(sizes), shape), axis.units)

    def derived(self, name: str) -> Axis | None:
        """Give an axis as the mean of what encoders read, whatever the sense of lines.

        Raises
        ------
        NotAligned
            The lines differ by half a step: they have no axis in common.
        """
        read, number = self.found.positions.get(name), self.axis_number(name)
        if read is None or read.values is None or number is None:
            return None
        if read.values.ndim <= number:
            return None
        lines = np.moveaxis(np.asarray(read.values, np.float64), number, 0)
        lines = np.sort(lines.reshape(len(lines), -1), axis=0)
        mean: Floats = lines.mean(axis=1)
        apart = float(np.abs(lines - mean[:, None]).max(initial=0))
        if not apart < _LINE * step_of(mean):
            raise NotAligned(
                self.name,
                f"{name} differs by up to {apart:g} {read.units} from line to line, "
                f"with steps of {step_of(mean):g}: give the object an axis {name} "
                "with the values of the grid",
            )
        return Axis(name, mean, read.units)

    def _spanned(self, name: str) -> int:
        read = self.found.positions.get(name)
        return 0 if read is None or read.values is None else read.values.ndim


def refuse_misfits(scanned: Sequence[Scanned], names: Sequence[str] | None) -> None:
    """Refuse objects whose file names axes that do not belong to the data.

    Parameters
    ----------
    names
        What is to be aligned; by default all that another object knows as well.

    Raises
    ------
    NotAligned
        Naming both shapes.
    """
    for one in scanned:
        others = [other for other in scanned if other is not one]
        for axis, shape in one.found.misfits.items():
            known = [o.name for o in others if o.knows(axis) or axis in o.found.misfits]
            if not known or (names is not None and axis not in names):
                continue
            raise NotAligned(
                f"{one.name} and {', '.join(known)}",
                f"{axis} of {one.name} has shape {shape}, its data {one.found.shape}: "
                "the axis does not belong to the data, so it is not known where the "
                f"points of {one.name} are. Look into the file, and put the object "
                "with axes of your own, or leave it out",
            )

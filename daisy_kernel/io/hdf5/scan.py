"""An HDF5 or NeXus file as a scan."""

from __future__ import annotations

from pathlib import Path

import h5py

from daisy_kernel.io.hdf5.array import Hdf5Array
from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.group import Hdf5Group
from daisy_kernel.io.hdf5.walk import Anchor, Place, root_place, walk
from daisy_kernel.io.nexus.plot import Choice, choose
from daisy_kernel.model import Problem
from daisy_kernel.model.errors import FieldNotFound, FormatNotSupported

Roots = tuple[Path, ...] | None


class Hdf5Scan:
    """Implements ScanSource for one HDF5 file."""

    format = "hdf5"

    def __init__(self, path: Path, roots: Roots = None) -> None:
        self.path = str(path)
        self._files = Files(roots)
        top = root_place(self._files, path)
        self._chosen: tuple[int, Choice] | None = None
        self._anchor = Anchor(self._files, top, self.path)
        self.root = Hdf5Group(self._files, top, self.path, self._array)

    @property
    def _choice(self) -> Choice:
        """The default plots, found again when the files have been opened again."""
        if self._chosen is None or self._chosen[0] != self._files.generation:
            place = self._anchor.place
            self._chosen = self._files.generation, choose(self._files, place)
        return self._chosen[1]

    def signals(self) -> tuple[Hdf5Array, ...]:
        """Give what is worth drawing, best first."""

        def found() -> tuple[Hdf5Array, ...]:
            return tuple(self._array(plot.place) for plot in self._choice.plots)

        return self._files.steadily(Path(self.path), found)

    def notes(self) -> tuple[str, ...]:
        """Say what should be known about the choice of the signal."""
        return self._choice.notes

    def missing(self) -> tuple[Problem, ...]:
        """List links and virtual sources without target."""
        problems = list(self._choice.problems)
        for plot in self._choice.plots:
            array = self._array(plot.place)
            problems += [
                Problem(array.path, h.kind, h.reason) for h in array.holes[:20]
            ]
        return tuple(problems)

    def refresh(self) -> None:
        """Look again at a file that is being written."""
        self._files.renew()

    def close(self) -> None:
        """Let go of all files."""
        self._files.close()

    def _array(self, place: Place) -> Hdf5Array:
        if h5py.h5i.get_type(place.object) != h5py.h5i.DATASET:
            raise FormatNotSupported(
                f"{self.path}: {place.path}", "this is a named type"
            )
        known = self._choice_axes(place.path)
        return Hdf5Array(self._files, place, self.path, *known)

    def _choice_axes(self, path: str) -> tuple[tuple[str | None, ...], tuple[str, ...]]:
        plot = self._choice.of(path)
        return (plot.axes, plot.notes) if plot else ((), ())


def reopen(
    file: str,
    path: str,
    roots: Roots,
    axes: tuple[str | None, ...],
    notes: tuple[str, ...],
) -> Hdf5Array:
    """Open a dataset again in another process: what a pickle stands for."""
    files = Files(roots)
    place = walk(files, root_place(files, Path(file)), path)
    if place.is_group:
        raise FieldNotFound(file, path, ())
    return Hdf5Array(files, place, file, axes, notes)

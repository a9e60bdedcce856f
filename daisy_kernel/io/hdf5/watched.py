"""The chunks of a dataset in a file that somebody may be writing.

Nothing is locked, so the writer may change the file between two of our looks. Chunks
are looked up, read, and compared with where they are then; what was read while they
moved is read again.

Requirements
- What is given is what the file held at one time, chunk by chunk, or an error.
- A file that nobody writes to costs one look at its time of change.
- The table of a file that is caught half changed is not used.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import h5py
import numpy as np

from daisy_kernel.io.hdf5.files import (
    HALF_CHANGED,
    PATIENCE_SECONDS,
    PAUSE_SECONDS,
    Files,
    patiently,
)
from daisy_kernel.io.hdf5.virtual import Behind, behind
from daisy_kernel.io.hdf5.walk import Anchor, Place
from daisy_kernel.io.reading import (
    Part,
    Stamp,
    Stamps,
    are_settled,
    are_the_same,
    is_recent,
    stamp_of,
)
from daisy_kernel.model.errors import DataError, FileDamaged
from daisy_kernel.model.selection import Positions, Steps

Result = TypeVar("Result")


class Watched:
    """A dataset, where its chunks were when it was looked at, and whether they are.

    Parameters
    ----------
    where
        Name for the messages.
    """

    def __init__(self, files: Files, anchor: Anchor, where: str) -> None:
        self._files, self._anchor, self._where = files, anchor, where
        self._opened: tuple[Place, h5py.Dataset] | None = None
        self._stamp: tuple[Path, Stamp]

    @property
    def place(self) -> Place:
        """Where the dataset is in the files as they are open now."""
        return self._anchor.place

    @property
    def dataset(self) -> h5py.Dataset:
        """The dataset as it is open now."""
        place = self.place
        if self._opened is None or self._opened[0] is not place:
            self._opened = place, h5py.Dataset(place.object)
        return self._opened[1]

    @cached_property
    def behind(self) -> Behind:
        """Where the numbers are."""
        self._stamp = self._stamp_now()  # before, so that a change meanwhile is seen
        return behind(self._files, self.place)

    @property
    def stamps(self) -> Stamps:
        """The files behind it, when its chunks were looked up."""
        found = self.behind.stamps
        return {**found, self._stamp[0]: self._stamp[1]}

    def refresh(self) -> None:
        """Look again, for a moment also if the file is caught half changed."""
        patiently(self._look_again)

    def undisturbed(
        self, axes: Sequence[Positions], work: Callable[[], Result]
    ) -> Result:
        """Do what reads a selection, again if its chunks have moved meanwhile.

        Raises
        ------
        FileDamaged
            As *work* does; and where a writer is faster than the reader.
        """
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            before, failure = self.behind, None
            try:
                result = work()
            except FileDamaged as error:
                failure = error
            stamps = self.stamps
            settled = are_settled(stamps) or not are_the_same(stamps)
            moved = not settled and self._has_moved(before, axes, end)
            if not moved and failure is None:
                return result
            # a chunk can also be rewritten in its place
            if settled or time.monotonic() > end:
                raise failure or FileDamaged(
                    self._where, "it is rewritten faster than it can be read"
                )
            time.sleep(PAUSE_SECONDS)

    def _look_again(self) -> None:
        """Make the table of chunks anew; if that fails the old one stays."""
        # also beside a SWMR writer: H5Drefresh of a dataset that had no frames when
        # it was opened takes every chunk for the first one (HDF5 2.0)
        before = self.__dict__.get("behind")
        self._files.reopen()
        stamp = self._stamp_now()
        found = behind(self._files, self.place)
        stamps = (stamp[1], *found.stamps.values())
        if any(is_recent(stamp, PATIENCE_SECONDS) for stamp in stamps):
            self._check_snapshot(before, found)
        self._stamp = stamp
        self.__dict__["behind"] = found

    def _check_snapshot(self, before: Behind | None, found: Behind) -> None:
        """Refuse a table that was read while the writer changed it.

        Chunks never go, unless the dataset shrinks, and they come in order.
        """
        old, new = before.stored.table if before else None, found.stored.table
        lost = old is not None and new is not None and not new.covers(old)
        if found.has_gaps or lost:
            raise FileDamaged(self._where, "chunks are missing from its table")

    def _stamp_now(self) -> tuple[Path, Stamp]:
        handle = self.dataset.file.id.get_vfd_handle()
        return self.place.file, stamp_of(os.fstat(handle))

    def _has_moved(self, before: Behind, axes: Sequence[Positions], end: float) -> bool:
        """Look the chunks up again, and compare those of a selection."""
        while True:
            try:
                self._look_again()
                break
            except (DataError, *HALF_CHANGED):
                if time.monotonic() > end:
                    return False  # it cannot be read at all any more
                time.sleep(PAUSE_SECONDS)
        shape = self.dataset.shape
        if not self.behind.is_known or not _fits(axes, shape):
            return False
        then, now = _parts(before, axes), _parts(self.behind, axes)
        return len(now) != len(then) or not all(
            a.table.same_chunks(b.table, list(a.axes))
            for a, b in zip(then, now, strict=True)
        )


def _parts(found: Behind, axes: Sequence[Positions]) -> list[Part]:
    lengths = [a.length if isinstance(a, Steps) else len(a) for a in axes]
    return found.parts(axes, np.broadcast_to(np.int8(0), lengths))


def _fits(axes: Sequence[Positions], shape: tuple[int, ...]) -> bool:
    def last(axis: Positions) -> int:
        if isinstance(axis, Steps):
            return axis.start + (axis.length - 1) * axis.step
        return axis[-1] if axis else 0

    return all(last(axis) < size for axis, size in zip(axes, shape, strict=True))

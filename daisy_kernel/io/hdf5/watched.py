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
from daisy_kernel.model.errors import DataError, FileDamaged
from daisy_kernel.model.selection import Positions, Steps
from daisy_kernel.native import ChunkTable

Result = TypeVar("Result")
# inode, size and time of change of a file
Stamp = tuple[int, int, int]
# times of change are only as fine as the kernel's clock ticks
_TICK_SECONDS = 0.02
_TablePart = tuple[ChunkTable, Sequence[Positions]]


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
        _ = self.stamp  # taken before, so that a change meanwhile is seen
        return behind(self._files, self.place)

    @cached_property
    def stamp(self) -> Stamp:
        """The file when its chunks were looked up."""
        return self._stamp_of_handle()

    def stamp_now(self) -> Stamp | None:
        """Look at the file as it is now; None if it is gone."""
        try:
            return _stamp(os.stat(self.place.file))
        except OSError:
            return None

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
            settled = self._is_settled() or not self._is_same_file()
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
        stamp = self._stamp_of_handle()
        found = behind(self._files, self.place)
        if _is_recent(stamp, PATIENCE_SECONDS):
            self._check_snapshot(before, found)
        self.__dict__.update(behind=found, stamp=stamp)

    def _check_snapshot(self, before: Behind | None, found: Behind) -> None:
        """Refuse a table that was read while the writer changed it.

        Chunks never go, unless the dataset shrinks, and they come in order.
        """
        old, new = before.stored.table if before else None, found.stored.table
        lost = old is not None and new is not None and not new.covers(old)
        if found.stored.has_gaps or lost:
            raise FileDamaged(self._where, "chunks are missing from its table")

    def _stamp_of_handle(self) -> Stamp:
        return _stamp(os.fstat(self.dataset.file.id.get_vfd_handle()))

    def _is_same_file(self) -> bool:
        now = self.stamp_now()
        return now is not None and now[0] == self.stamp[0]

    def _is_settled(self) -> bool:
        """Whether the file is as it was when its chunks were looked up."""
        now = self.stamp_now()
        if now is None:
            return True  # gone; what was read is right, else there is an error
        return now == self.stamp and not _is_recent(now, _TICK_SECONDS)

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
        then, now = _tables(before, axes), _tables(self.behind, axes)
        return len(now) != len(then) or not all(
            a.same_chunks(b, list(inside))
            for (a, inside), (b, _) in zip(then, now, strict=True)
        )


def _tables(found: Behind, axes: Sequence[Positions]) -> list[_TablePart]:
    lengths = [a.length if isinstance(a, Steps) else len(a) for a in axes]
    probe = np.broadcast_to(np.int8(0), lengths)
    parts = found.parts(axes, probe)
    return [(b.stored.table, inside) for b, inside, _ in parts if b.stored.table]


def _fits(axes: Sequence[Positions], shape: tuple[int, ...]) -> bool:
    def last(axis: Positions) -> int:
        if isinstance(axis, Steps):
            return axis.start + (axis.length - 1) * axis.step
        return axis[-1] if axis else 0

    return all(last(axis) < size for axis, size in zip(axes, shape, strict=True))


def _is_recent(stamp: Stamp, seconds: float) -> bool:
    # on both sides: the clock of a file server may be ahead of ours
    return abs(time.time() - stamp[2] / 1e9) < seconds


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns

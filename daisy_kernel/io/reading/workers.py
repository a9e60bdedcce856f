"""Read with h5py in processes: what the compiled core does not know.

HDF5 does one thing at a time in a process, so threads never help. A few processes are
started at the first use and kept; they read into memory that is shared with this
process, and each piece is copied once from there to where it belongs.

Requirements
- It works in a worker of Dask, in a thread, and after a fork.
- A process that dies is replaced. If it crashed, the file is to blame and named.
- An interrupt leaves processes that can be used again.
- Nothing is left running when this process ends, however it ends.
"""

from __future__ import annotations

import atexit
import os
import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.reading.cut import cut
from daisy_kernel.io.reading.limits import processors
from daisy_kernel.io.reading.plan import Piece
from daisy_kernel.io.reading.worker import Worker, WorkerDied, WorkersUnavailable
from daisy_kernel.model.errors import (
    DataError,
    FileDamaged,
    FormatNotSupported,
)
from daisy_kernel.model.nodes import Array

# not more, because shared memory is kept; not less, because asking costs 0.1 ms
_MOST_BYTES, _LEAST_BYTES = 16 << 20, 1 << 20
_PIECES_EACH = 4  # so that all processes end at about the same time
_GRACE_SECONDS = 1.0
_TRIES = 2


@dataclass(frozen=True)
class Location:
    """A dataset, as another process finds it.

    Attributes
    ----------
    file, dataset
        File that holds it, links resolved, and its path there.
    where
        Name for the messages.
    """

    file: Path
    dataset: str
    dtype: np.dtype[Any]
    chunks: tuple[int, ...] | None
    where: str


def can_be_sent(dtype: np.dtype[Any]) -> bool:
    """Whether elements have one size and lie in one place, as text does not."""
    return not dtype.hasobject and dtype.subdtype is None and dtype.itemsize > 0


def read_in_workers(location: Location, pieces: Sequence[Piece], out: Array) -> None:
    """Read pieces of an HDF5 dataset into an array, in several processes.

    Parameters
    ----------
    pieces
        What to read, and where in *out* it goes. Large ones are cut further.
    out
        Array to fill; its type may be a wider one than that of the file.

    Raises
    ------
    FileMissing, FileDamaged
        As reading in this process would, and for a file that crashes its reader.
    FormatNotSupported
        The elements are Python objects, or do not fit the type of *out*.
    WorkersUnavailable
        No process can be started: read in this process.
    """
    if not can_be_sent(location.dtype):
        raise FormatNotSupported(
            location.where, f"{location.dtype} cannot be read in another process"
        )
    if not np.can_cast(location.dtype, out.dtype, "same_kind"):
        raise FormatNotSupported(
            location.where, f"{location.dtype} cannot be read into {out.dtype}"
        )
    _pool().read(location, pieces, out)


def close_workers() -> None:
    """End all reader processes; the next read starts new ones."""
    with _state.lock:
        pool, _state.pool = _state.pool, None
    if pool is not None:
        pool.close()


class Pool:
    """Reader processes, started when they are needed.

    Parameters
    ----------
    size
        Most processes at a time.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.workers: set[Worker] = set()
        self._closed = False
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(None)

    def read(self, location: Location, pieces: Sequence[Piece], out: Array) -> None:
        """Hand out pieces to whoever is free, until all are there."""
        work = _Work(location, deque(self._cut(location, pieces)), out)
        count = min(self.size, len(work.pieces))
        if not count:
            return
        with ThreadPoolExecutor(count, "daisy-read") as threads:
            futures = [threads.submit(self._drain, work) for _ in range(count)]
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
            except BaseException:  # an interrupt
                work.stop()
                if wait(futures, _GRACE_SECONDS).not_done:
                    work.kill()
                raise
            work.pieces.clear()  # none is left, unless a piece has failed
        for future in futures:
            future.result()

    def close(self) -> None:
        """End all processes."""
        self._closed = True
        for worker in tuple(self.workers):
            worker.end()
        self.workers.clear()

    def abandon(self) -> None:
        """Let go of processes that belong to the parent of this fork."""
        for worker in self.workers:
            worker.abandon()

    def _cut(self, location: Location, pieces: Sequence[Piece]) -> Iterator[Piece]:
        itemsize = location.dtype.itemsize
        total = sum(_size(piece) for piece in pieces) * itemsize
        fair = total // (self.size * _PIECES_EACH)
        limit = min(_MOST_BYTES, max(_LEAST_BYTES, fair))
        for piece in pieces:
            yield from cut(piece, location.chunks, itemsize, limit)

    def _drain(self, work: _Work) -> None:
        while True:
            try:
                piece = work.pieces.popleft()
            except IndexError:
                return
            self._read(work, piece)

    def _read(self, work: _Work, piece: Piece) -> None:
        for left in reversed(range(_TRIES)):
            try:
                with self._worker(work) as worker:
                    if not work.stopped:
                        work.read(worker, piece)
                return
            except WorkerDied as death:
                if not (left and death.from_outside):
                    raise FileDamaged(
                        work.location.where,
                        f"cannot be read: its reader process ended with {death}",
                    ) from death

    @contextmanager
    def _worker(self, work: _Work) -> Iterator[Worker]:
        worker = self._idle.get()
        try:
            if worker is None or not worker.alive:
                worker = self._replace(worker)
            work.busy.add(worker)
            yield worker
            worker.shrink()
        except DataError:  # an answer: the process is well
            raise
        except BaseException:
            if worker is not None:
                self._forget(worker)
                worker = None
            raise
        finally:
            work.busy.discard(worker)
            self._idle.put(worker)

    def _replace(self, dead: Worker | None) -> Worker:
        if dead is not None:
            self._forget(dead)
        if self._closed:
            raise WorkersUnavailable("the reader processes were ended")
        worker = Worker()
        self.workers.add(worker)
        return worker

    def _forget(self, worker: Worker) -> None:
        self.workers.discard(worker)
        worker.end()


class _Work:
    """One call of read: what is left of it, and who is busy with it."""

    def __init__(self, location: Location, pieces: deque[Piece], out: Array) -> None:
        self.location, self.pieces, self.out = location, pieces, out
        self.busy: set[Worker | None] = set()
        self.stopped = False
        self._request = {
            "file": os.path.abspath(location.file),
            "dataset": location.dataset,
            "where": location.where,
        }

    def stop(self) -> None:
        """Begin no further piece."""
        self.stopped = True
        self.pieces.clear()

    def kill(self) -> None:
        """Do not wait for the pieces that are being read either."""
        for worker in tuple(self.busy):
            if worker is not None:
                worker.kill()

    def read(self, worker: Worker, piece: Piece) -> None:
        """Have a piece read, and copy it to its place."""
        source = [(s.start, s.stop, s.step or 1) for s in piece.source]
        shape = tuple(len(range(*numbers)) for numbers in source)
        request = {**self._request, "source": source}
        found = worker.read(request, shape, self.location.dtype)
        target: Any = (*piece.target, ...)  # a view, even of one number
        np.copyto(self.out[target], found, casting="same_kind")


def _size(piece: Piece) -> int:
    size = 1
    for s in piece.source:
        size *= len(range(s.start, s.stop, s.step or 1))
    return size


class _State:
    """The pool of this process."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin without a pool."""
        self.lock = threading.Lock()
        self.pool: Pool | None = None


_state = _State()


def _pool() -> Pool:
    with _state.lock:
        if _state.pool is None:
            _state.pool = Pool(_wanted())
        return _state.pool


def _wanted() -> int:
    """Give the number of processes; $DAISY_READERS is for many readers on a host."""
    wanted = os.environ.get("DAISY_READERS", "")
    if wanted == "0":
        raise WorkersUnavailable("$DAISY_READERS is 0")
    return int(wanted) if wanted.isdigit() else processors()


def _after_fork() -> None:
    """Start anew in the child: the processes and the lock are the parent's."""
    pool = _state.pool
    _state.reset()
    if pool is not None:
        pool.abandon()


if hasattr(os, "register_at_fork"):  # not everywhere is there a fork
    os.register_at_fork(after_in_child=_after_fork)
atexit.register(close_workers)

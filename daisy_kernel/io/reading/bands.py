"""Bands of neighbouring rows, kept for whoever reads them one by one.

A row through many frames costs the decoding of every frame, and the next row costs
it again, where a filter has no blocks. So the second of two neighbours reads some of
the rows that follow it in the same chunks as well, and the others are copied from
there. Who goes on from band to band gets larger ones.

Requirements
- The first read costs what it always did, in time and in memory.
- All bands of the process together stay below a budget: 256 MiB, or `DAISY_CACHE` in
  bytes or like "512 MiB"; 0 turns them off.
- A file that has changed is never answered from before.
"""

from __future__ import annotations

import itertools
import math
import os
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np

from daisy_kernel.model import Selection
from daisy_kernel.model.errors import ParameterRefused
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.selection import Positions, Run, Steps
from daisy_kernel.model.text import parse_bytes

_BUDGET = 256 << 20
# so many rows at a time are a walk from row to row, and so far apart are neighbours
_MOST_ROWS, _NEAR = 4, 8
# decoding less is not worth remembering
_SMALLEST = 1 << 20
# nor is decoding less than so many times what was asked for
_WORTH = 8
# reads and bands that are remembered, to see that the next one goes on from there
_REMEMBERED = 16
# rows of the first band of a walk, and how many times larger the next one is
_FIRST_ROWS, _GROWTH = 32, 4


def budget() -> int:
    """Give the bytes that all bands may take."""
    text = os.environ.get("DAISY_CACHE", "").strip()
    try:
        return parse_bytes(text) if text else _BUDGET
    except ValueError as error:
        raise ParameterRefused(f"DAISY_CACHE: {error}") from error


@dataclass(frozen=True)
class Band:
    """Rows that were read.

    Attributes
    ----------
    rows
        Positions along the axis that is walked.
    array
        The rows, which are its first axis.
    stamp
        What the file was like.
    """

    rows: range
    array: Array
    stamp: Hashable


@dataclass(frozen=True)
class _Key:
    """Whose band it is, along which axis, and what is selected on the others."""

    owner: int
    axis: int
    others: Hashable


class Cache:
    """The bands of all datasets, the one that was used last at the end."""

    def __init__(self) -> None:
        self._bands: OrderedDict[tuple[_Key, range], Band] = OrderedDict()
        self._lock = threading.Lock()
        # owners that are no more: noted without a lock, since that can happen at any
        # moment, also while somebody holds it
        self.gone: deque[int] = deque()

    @property
    def nbytes(self) -> int:
        """Bytes of all bands."""
        with self._lock:
            return self._nbytes()

    def get(self, key: _Key, rows: range) -> Band | None:
        """Give a band with these rows, which then is the one that was used last."""
        with self._lock:
            for name, band in self._bands.items():
                held = name[1]
                if name[0] == key and rows[0] in held and rows[-1] in held:
                    self._bands.move_to_end(name)
                    return band
        return None

    def make_room(self, nbytes: int, most: int) -> None:
        """Forget the bands that were not used for longest."""
        while self.gone:
            self.forget(self.gone.popleft())
        with self._lock:
            while self._bands and self._nbytes() + nbytes > most:
                self._bands.popitem(last=False)

    def put(self, key: _Key, band: Band, most: int) -> None:
        """Keep a band."""
        self.make_room(band.array.nbytes, most)
        with self._lock:
            self._bands[key, band.rows] = band

    def forget(self, owner: int) -> None:
        """Forget all bands of one dataset."""
        with self._lock:
            for name in [name for name in self._bands if name[0].owner == owner]:
                del self._bands[name]

    def _nbytes(self) -> int:
        return sum(band.array.nbytes for band in self._bands.values())


cache = Cache()
_numbers = itertools.count()


class Bands:
    """The bands of one dataset, and what was read of it last."""

    def __init__(self) -> None:
        self._owner = next(_numbers)
        # the last of them; several, since several threads walk at different places
        self._seen: deque[tuple[_Key, range]] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()
        weakref.finalize(self, cache.gone.append, self._owner)

    def forget(self) -> None:
        """Start anew, because the file may have changed."""
        self._seen.clear()
        cache.forget(self._owner)

    def read(
        self,
        selection: Selection,
        out: Array,
        chunked: Chunked,
        read: Callable[[Selection, Array], None],
    ) -> None:
        """Read by bands where rows are read one after the other.

        Parameters
        ----------
        read
            What reads without a band.
        """
        most = budget()
        if most > 0 and chunked.is_costly(selection, out.nbytes):
            # whoever comes second to a band waits for it
            with self._lock:
                stamp = chunked.stamp()
                if self._serve(selection, out, stamp):
                    return
                walk = self._walk(selection, chunked) if stamp else None
                if walk and self._read_band(walk, selection, out, chunked, read, most):
                    return
                self._remember(selection)
        read(selection, out)

    def _serve(self, selection: Selection, out: Array, stamp: Hashable) -> bool:
        for axis, positions in enumerate(selection.axes):
            if not _is_narrow(positions):
                continue
            band = cache.get(self._key(selection, axis), _rows(positions))
            if band and band.stamp != stamp:
                cache.forget(self._owner)
                return False
            if band:
                _copy(band, _rows(positions), axis, out)
                return True
        return False

    def _read_band(
        self,
        walk: _Walk,
        selection: Selection,
        out: Array,
        chunked: Chunked,
        read: Callable[[Selection, Array], None],
        most: int,
    ) -> bool:
        axis, count = walk.axis, selection.full_shape[walk.axis]
        per_row = out.nbytes // count
        wanted = max(_GROWTH * walk.before, _FIRST_ROWS)
        rows = walk.rows(min(most // per_row, wanted))
        if len(rows) <= count:
            return False
        cache.make_room(len(rows) * per_row, most)
        others = [n for a, n in enumerate(selection.full_shape) if a != axis]
        try:
            array = np.empty((len(rows), *others), out.dtype)
        except MemoryError:
            return False
        stamp = chunked.stamp()
        runs = list(selection.runs)
        runs[axis] = Run(rows.start, len(rows), 1)
        read(Selection(tuple(runs)), np.moveaxis(array, 0, axis))
        band = Band(rows, array, stamp)
        key = self._key(selection, axis)
        self._seen.append((key, rows))
        if stamp and stamp == chunked.stamp():
            cache.put(key, band, most)
        _copy(band, _rows(selection.axes[axis]), axis, out)
        return True

    def _walk(self, selection: Selection, chunked: Chunked) -> _Walk | None:
        """See whether rows are neighbours of what was read before."""
        for axis, positions in enumerate(selection.axes):
            if not (self._seen and _is_narrow(positions)):
                continue
            key, rows = self._key(selection, axis), _rows(positions)
            chunk = chunked.chunks[axis]
            for same, before in reversed(self._seen):
                if same != key:
                    continue
                if 0 < before.start - rows.start <= _NEAR:
                    border = rows.start // chunk * chunk - 1
                    return _Walk(axis, rows, border, len(before))
                if 0 < rows.stop - before.stop <= _NEAR:
                    border = (rows[-1] // chunk + 1) * chunk
                    end = min(border, chunked.shape[axis])
                    return _Walk(axis, rows, end, len(before))
        return None

    def _remember(self, selection: Selection) -> None:
        for axis, positions in enumerate(selection.axes):
            if _is_narrow(positions):
                self._seen.append((self._key(selection, axis), _rows(positions)))

    def _key(self, selection: Selection, axis: int) -> _Key:
        others = tuple(
            tuple(positions) if a != axis else ()
            for a, positions in enumerate(selection.axes)
        )
        return _Key(self._owner, axis, others)


@dataclass(frozen=True)
class Chunked:
    """How a dataset lies in its files, and what those are like now.

    `stamp` gives None for files of which nothing can be kept.
    """

    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    itemsize: int
    stamp: Callable[[], Hashable]

    def is_costly(self, selection: Selection, nbytes: int) -> bool:
        """Whether much more is decoded than asked for, along an axis of few rows."""
        decoded = math.prod(self.chunks) * self.itemsize
        for positions, chunk in zip(selection.axes, self.chunks, strict=True):
            decoded *= _touched(positions, chunk)
        narrow = zip(selection.axes, self.chunks, strict=True)
        return decoded >= max(_SMALLEST, _WORTH * nbytes) and any(
            _is_narrow(p) and c > _WORTH for p, c in narrow
        )


@dataclass(frozen=True)
class _Walk:
    """Somebody goes along an axis.

    Attributes
    ----------
    wanted
        Rows that are asked for now.
    border
        Where their chunks end, in the direction of the walk.
    before
        How many rows were read at once before.
    """

    axis: int
    wanted: range
    border: int
    before: int

    def rows(self, most: int) -> range:
        """Give the rows of a band, at most so many."""
        first, stop = self.wanted.start, self.wanted.stop
        if self.border < first:
            return range(max(self.border + 1, stop - most), stop)
        return range(first, min(self.border, first + most))


def _is_narrow(positions: Positions) -> bool:
    """Whether these are a few rows side by side."""
    return (
        isinstance(positions, Steps)
        and 0 < positions.length <= _MOST_ROWS
        and (positions.step == 1 or positions.length == 1)
    )


def _rows(positions: Positions) -> range:
    first, count = positions[0], positions[1] if isinstance(positions, Steps) else 1
    return range(first, first + count)


def _touched(positions: Positions, chunk: int) -> int:
    """Count the chunks along an axis that are decoded."""
    if isinstance(positions, Steps):
        span = (positions.length - 1) * positions.step
        last = (positions.start + span) // chunk
        return min(positions.length, last - positions.start // chunk + 1)
    return len({position // chunk for position in positions})


def _copy(band: Band, rows: range, axis: int, out: Array) -> None:
    low = rows.start - band.rows.start
    out[...] = np.moveaxis(band.array[low : low + len(rows)], 0, axis)

"""Several datasets as one: files of a series, or the data files of a detector."""

from __future__ import annotations

import itertools
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from daisy_kernel.io.reading import explain, plan
from daisy_kernel.model import Selection, select
from daisy_kernel.model.nodes import Array, ArraySource, Layout

# all files of a long series would be too many descriptors
_MOST_OPEN = 8
# what has at most so many axes gets a new one
IMAGE = 2


@dataclass(frozen=True)
class Opened:
    """A dataset that can be read, and what closes its file."""

    array: ArraySource
    close: Callable[[], None]


@dataclass(frozen=True)
class Member:
    """One of the datasets.

    Attributes
    ----------
    shape, written
        Its shape when the stack was made, and how much of the first axis was there.
    open
        Gives it, when it is read.
    """

    shape: tuple[int, ...]
    written: int
    open: Callable[[], Opened]

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was still to come."""
        return self.written >= (self.shape[0] if self.shape else 1)


class StackArray:
    """Implements ArraySource: members one behind the other along the first axis.

    Parts of at most two axes get a new first axis.

    Parameters
    ----------
    first
        The first member, open: type, chunks, attributes and names of axes are its.
    reopen
        Function and arguments that give the stack in another process.
    """

    def __init__(
        self,
        file: str,
        path: str,
        first: ArraySource,
        members: Sequence[Member],
        reopen: tuple[Callable[..., ArraySource], tuple[Any, ...]],
        notes: tuple[str, ...] = (),
    ) -> None:
        self.file, self.path, self._members, self._reopen = file, path, members, reopen
        self._is_new_axis = len(first.shape) <= IMAGE
        frame = first.shape if self._is_new_axis else first.shape[1:]
        counts = [1 if self._is_new_axis else member.shape[0] for member in members]
        self._starts = [0, *itertools.accumulate(counts)]
        self.shape: tuple[int, ...] = (self._starts[-1], *frame)
        self.dtype: np.dtype[Any] = first.dtype
        self.attrs: Mapping[str, Any] = dict(first.attrs)
        # the first axis of one member, if it has values, has them for that member only
        self.axes: tuple[str | None, ...] = (None, *first.axes[-len(frame) :])
        self.notes = notes
        self.layout = _layout(first, len(members), self._is_new_axis)
        self._open = _Open(members)

    def __reduce__(self) -> tuple[Any, ...]:
        return self._reopen

    @property
    def written(self) -> int:
        """Positions of the first axis, up to the first that is still to come."""
        for start, member in zip(self._starts, self._members, strict=False):
            if not member.is_whole:
                return start if self._is_new_axis else start + member.written
        return self.shape[0]

    def refresh(self) -> None:
        """Look again: shape and content may have grown."""
        function, arguments = self._reopen
        self.__dict__.update(vars(function(*arguments)))

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the members are absent."""
        found: dict[str, None] = {}
        for number in range(len(self._members)):
            with self._open.borrow(number) as member:
                found |= dict.fromkeys(member.missing_sources())
        return tuple(found)

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        text = explain(made, self.layout.filters, "one by one")
        return f"{len(self._members)} datasets as one; {text}"

    def read(self, selection: Selection, out: Array) -> Array:
        """Read what is selected of each member."""
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        for piece in made.pieces:
            self._read(piece.source, out[piece.target])
        return out

    def close(self) -> None:
        """Let go of the members."""
        self._open.close()

    def _read(self, source: tuple[slice, ...], out: Array) -> None:
        """Read slices, member by member."""
        first, rest = source[0], source[1:]
        rows = range(first.start, first.stop, first.step)
        at = 0
        while at < len(rows):
            number = self._number(rows[at])
            start, stop = self._starts[number : number + 2]
            count = len(range(rows[at], min(rows.stop, stop), rows.step))
            inside = slice(rows[at] - start, min(rows.stop, stop) - start, rows.step)
            if self._is_new_axis:
                self._read_member(number, rest, out[at, ...])
            else:
                self._read_member(number, (inside, *rest), out[at : at + count])
            at += count

    def _read_member(self, number: int, index: tuple[slice, ...], out: Array) -> None:
        with self._open.borrow(number) as member:
            chosen = select(index, member.shape, f"{member.file}: {member.path}")
            found = member.read(chosen, out)
        if found is not out:  # its type is known only afterwards
            out[...] = found

    def _number(self, row: int) -> int:
        return int(np.searchsorted(self._starts, row, "right")) - 1


class _Open:
    """The members that are open: a few, each until nobody reads it."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members, self._lock = members, threading.Lock()
        self._open: OrderedDict[int, Opened] = OrderedDict()
        self._users: Counter[int] = Counter()

    @contextmanager
    def borrow(self, number: int) -> Iterator[ArraySource]:
        """Give a member for a while."""
        with self._lock:
            if number not in self._open:
                self._open[number] = self._members[number].open()
            self._open.move_to_end(number)
            self._users[number] += 1
            array = self._open[number].array
        try:
            yield array
        finally:
            with self._lock:
                self._users[number] -= 1
                self._close_down_to(_MOST_OPEN)

    def close(self) -> None:
        """Close all that nobody reads."""
        with self._lock:
            self._close_down_to(0)

    def _close_down_to(self, most: int) -> None:
        for number in list(self._open)[: max(0, len(self._open) - most)]:
            if not self._users[number]:
                self._open.pop(number).close()


def _layout(first: ArraySource, count: int, is_new_axis: bool) -> Layout:
    chunks, stored = first.layout.chunks, first.layout.stored_bytes
    if chunks is None and is_new_axis:
        chunks = first.shape
    if chunks is not None and is_new_axis:
        chunks = (1, *chunks)
    # an estimate: looking at every file would make opening slow
    total = None if stored is None else stored * count
    return Layout(chunks, first.layout.filters, total)

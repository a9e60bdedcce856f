"""Several datasets as one: files of a series, or the data files of a detector."""

from __future__ import annotations

import itertools
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from daisy_kernel.io.reading import (
    Bands,
    Chunked,
    HasReadable,
    Part,
    Readable,
    are_settled,
    explain,
    explain_parts,
    overlap,
    plan,
    read_parts,
    reduce_parts,
    stamps_now,
    unfilled,
)
from daisy_kernel.io.tracing import joined, trace_of
from daisy_kernel.model import Selection
from daisy_kernel.model.errors import FileDamaged, FileMissing
from daisy_kernel.model.nodes import Array, ArraySource, Layout, Trace
from daisy_kernel.model.reduction import Reduction
from daisy_kernel.model.selection import Positions, Steps

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
        # by number; None of those that are read by themselves
        self._readables: dict[int, Readable | None] = {}
        self._bands = Bands()

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

    def trace(self) -> Trace:
        """Look at every member."""
        traces = []
        for number in range(len(self._members)):
            with self._open.borrow(number) as member:
                traces.append(trace_of(member))
        return joined(traces)

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
        if selection.size:
            pieces = self._pieces(selection.axes, unfilled(selection, self.dtype))
            parts, alone = self._parts(pieces)
            if not alone:
                text = explain_parts(parts, selection, parts[0].strategy)
        return f"{len(self._members)} datasets as one; {text}"

    def read(self, selection: Selection, out: Array) -> Array:
        """Read what is selected of all members at once, as far as the core can."""
        if not selection.size:
            return out
        if chunked := self._chunked(selection):
            self._bands.read(selection, out, chunked, self._read_all)
        else:
            self._read_all(selection, out)
        return out

    def reduce(
        self, reduction: Reduction, results: Mapping[str, Array], held: int | None
    ) -> bool:
        """Reduce by the compiled core; False if it does not know how to."""
        axes = reduction.selection.axes
        numbers = self._numbers(axes[0])
        if not all(self._readable(number) for number in numbers):
            return False

        def parts(out: Array) -> list[Part]:
            return self._parts(self._pieces(axes, out))[0]

        try:
            done = reduce_parts(parts, reduction, results, self.file, held=held)
        except (FileDamaged, FileMissing):
            done = False  # block by block: names the member, or finds it settled
        return done and not self._disturbed(numbers)

    def close(self) -> None:
        """Let go of the members."""
        self._bands.forget()
        self._open.close()

    def _read_all(self, selection: Selection, out: Array) -> None:
        pieces = self._pieces(selection.axes, out)
        parts, alone = self._parts(pieces)
        try:
            read_parts(parts, self.file)
            disturbed = self._disturbed([piece.number for piece in pieces])
            alone += [piece for piece in pieces if piece.number in disturbed]
        except (FileDamaged, FileMissing):
            alone = pieces  # each by itself names what is wrong, or finds it settled
        for piece in alone:
            self._read_member(piece)

    def _pieces(self, axes: Sequence[Positions], out: Array) -> list[_Piece]:
        """Give what is wanted of each member, and where it goes to."""
        pieces: list[_Piece] = []
        for number in self._numbers(axes[0]):
            span = range(*self._starts[number : number + 2])
            for target, inside in overlap(axes[0], span):
                if self._is_new_axis:
                    pieces.append(_Piece(number, axes[1:], out[target][0, ...]))
                else:
                    pieces.append(_Piece(number, (inside, *axes[1:]), out[target]))
        return pieces

    def _parts(self, pieces: Sequence[_Piece]) -> tuple[list[Part], list[_Piece]]:
        """Give what the core reads, and the pieces that it does not know how to."""
        parts: list[Part] = []
        alone: list[_Piece] = []
        for piece in pieces:
            readable = self._readable(piece.number)
            found = readable.parts(piece.axes, piece.out) if readable else None
            if found is None:
                alone.append(piece)
            else:
                parts += found
        return parts, alone

    def _readable(self, number: int) -> Readable | None:
        """Look a member up once, so that its file can be closed."""
        if number not in self._readables:
            with self._open.borrow(number) as member:
                found = member.readable() if isinstance(member, HasReadable) else None
                self._readables[number] = found
        return self._readables[number]

    def _disturbed(self, numbers: Sequence[int]) -> set[int]:
        """Forget the members whose files have changed, and name them."""
        found = {n: r for n in set(numbers) if (r := self._readables.get(n))}
        changed = {n for n, r in found.items() if not are_settled(r.stamps)}
        for number in changed:
            self._readables.pop(number, None)
        return changed

    def _chunked(self, selection: Selection) -> Chunked | None:
        """Say how it lies in the files, if it can only be decoded in whole chunks."""
        found = [self._readable(n) for n in self._numbers(selection.axes[0])]
        readables = [readable for readable in found if readable]
        whole = readables[0].whole if readables else None
        if whole is None or len(readables) < len(found):
            return None
        if self._is_new_axis:
            whole = (1, *whole)
        paths = [path for readable in readables for path in readable.stamps]
        stamp = partial(stamps_now, paths)
        return Chunked(self.shape, whole, self.dtype.itemsize, stamp)

    def _read_member(self, piece: _Piece) -> None:
        with self._open.borrow(piece.number) as member:
            found = member.read(Selection.of(piece.axes), piece.out)
        if found is not piece.out:  # its type is known only afterwards
            piece.out[...] = found

    def _numbers(self, rows: Positions) -> list[int]:
        """Give the members that hold some of the rows: no other one is opened."""
        if isinstance(rows, Steps):
            every = rows.start + np.arange(rows.length) * rows.step
        else:
            every = np.array(rows)
        behind = np.searchsorted(self._starts, every, "right")
        found: list[int] = np.unique(behind - 1).tolist()
        return found


@dataclass(frozen=True)
class _Piece:
    """What is wanted of one member: positions per axis, and where they go to."""

    number: int
    axes: Sequence[Positions]
    out: Array


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

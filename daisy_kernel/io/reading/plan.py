"""Plan: which pieces of a file a selection needs, and what that costs.

A plan is plain arithmetic on shapes; it opens nothing. Readers without the compiled
core carry it out piece by piece.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from daisy_kernel.model import Selection
from daisy_kernel.model.selection import Positions, Steps
from daisy_kernel.model.text import format_bytes

# one HDF5 call holds a global lock for as long as it reads, so long reads are cut
_PIECE_BYTES = 64 << 20


@dataclass(frozen=True)
class Piece:
    """One read: `source` in the file goes to `target` in the buffer."""

    source: tuple[slice, ...]
    target: tuple[slice, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that is read for one selection."""

    shape: tuple[int, ...]
    pieces: tuple[Piece, ...]
    itemsize: int
    chunk_count: int
    chunk_bytes: int

    @property
    def nbytes(self) -> int:
        """Bytes of the buffer."""
        return math.prod(self.shape) * self.itemsize

    @property
    def decoded_bytes(self) -> int:
        """Bytes that are decoded on the way: chunks are read whole."""
        return self.chunk_count * self.chunk_bytes if self.chunk_bytes else self.nbytes


def plan(
    selection: Selection,
    chunks: tuple[int, ...] | None,
    itemsize: int,
    piece_bytes: int = _PIECE_BYTES,
) -> Plan:
    """Cut a selection into slices: along its first axis, at chunk borders.

    A list of positions becomes the slices of neighbours in it.

    Parameters
    ----------
    selection
        What is asked for.
    chunks
        Shape of the file's chunks, None for a contiguous dataset.
    itemsize
        Bytes of one element.
    piece_bytes
        About the most that one read may take.
    """
    shape = selection.full_shape
    pieces: list[Piece] = []
    if selection.size:
        for piece in _slices(selection.axes):
            pieces += _cut(piece, shape, chunks, itemsize, piece_bytes)
    return Plan(
        shape,
        tuple(pieces),
        itemsize,
        _touched(selection.axes, chunks) if chunks and selection.size else 0,
        math.prod(chunks) * itemsize if chunks else 0,
    )


def _slices(axes: tuple[Positions, ...]) -> Iterator[Piece]:
    """Give the selection as slices: one, or as many as a list has groups."""
    listed = next((a for a, p in enumerate(axes) if not isinstance(p, Steps)), None)
    source = [_slice(p) if isinstance(p, Steps) else slice(0) for p in axes]
    target = [slice(0, p.length if isinstance(p, Steps) else len(p)) for p in axes]
    if listed is None:
        yield Piece(tuple(source), tuple(target))
        return
    positions = axes[listed]
    first = 0
    for i in range(1, len(positions) + 1):
        if i < len(positions) and positions[i] == positions[i - 1] + 1:
            continue
        source[listed] = slice(positions[first], positions[i - 1] + 1, 1)
        target[listed] = slice(first, i)
        yield Piece(tuple(source), tuple(target))
        first = i


def _slice(steps: Steps) -> slice:
    last = steps.start + (steps.length - 1) * steps.step
    return slice(steps.start, last + 1, steps.step)


def _cut(
    piece: Piece,
    shape: tuple[int, ...],
    chunks: tuple[int, ...] | None,
    itemsize: int,
    piece_bytes: int,
) -> Iterator[Piece]:
    if not shape:
        yield piece
        return
    first, rest = piece.source[0], piece.source[1:]
    row_bytes = math.prod(shape[1:]) * itemsize
    chunk = chunks[0] if chunks else 1
    span = max(1, piece_bytes // max(1, row_bytes)) * first.step
    span = max(chunk, span - span % chunk)
    at, start = piece.target[0].start, first.start
    while start < first.stop:
        border = min((start // span + 1) * span, first.stop)
        count = len(range(start, border, first.step))
        source = slice(start, border, first.step)
        target = slice(at, at + count)
        yield Piece((source, *rest), (target, *piece.target[1:]))
        at, start = at + count, start + count * first.step


def _touched(axes: tuple[Positions, ...], chunks: tuple[int, ...]) -> int:
    return math.prod(_chunks(p, c) for p, c in zip(axes, chunks, strict=True))


def _chunks(positions: Positions, chunk: int) -> int:
    if not isinstance(positions, Steps):
        return len({position // chunk for position in positions})
    last = positions.start + (positions.length - 1) * positions.step
    return min(positions.length, last // chunk - positions.start // chunk + 1)


def explain(made: Plan, filters: tuple[str, ...], reader: str) -> str:
    """Say in one paragraph what a plan does."""
    size = format_bytes(made.nbytes)
    text = f"{reader}: {made.shape} = {size} in {len(made.pieces)} read(s)"
    if made.chunk_bytes:
        decoded = format_bytes(made.decoded_bytes)
        text += f", {made.chunk_count} chunk(s), {decoded} decoded"
        text += f" ({', '.join(filters)})" if filters else " (uncompressed)"
    return text

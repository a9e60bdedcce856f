"""Plan: which pieces of a file a selection needs, and what that costs.

A plan is plain arithmetic on shapes; it opens nothing. Whoever carries it out
(h5py now, another engine later) reads piece by piece into one buffer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from daisy_kernel.model import Selection
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
    """Cut a selection along its first axis, at chunk borders.

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
    forward = selection.forward
    return Plan(
        shape,
        _pieces(forward, shape, chunks, itemsize, piece_bytes)
        if selection.size
        else (),
        itemsize,
        _touched(forward, shape, chunks) if chunks and selection.size else 0,
        math.prod(chunks) * itemsize if chunks else 0,
    )


def _pieces(
    forward: tuple[slice, ...],
    shape: tuple[int, ...],
    chunks: tuple[int, ...] | None,
    itemsize: int,
    piece_bytes: int,
) -> tuple[Piece, ...]:
    if not shape:
        return (Piece((), ()),)
    first, rest = forward[0], forward[1:]
    row_bytes = math.prod(shape[1:]) * itemsize
    chunk = chunks[0] if chunks else 1
    span = max(1, piece_bytes // max(1, row_bytes)) * first.step
    span = max(chunk, span - span % chunk)
    whole = tuple(slice(0, size) for size in shape[1:])
    pieces, at, start = [], 0, first.start
    while start < first.stop:
        border = min((start // span + 1) * span, first.stop)
        count = len(range(start, border, first.step))
        source = slice(start, border, first.step)
        pieces.append(Piece((source, *rest), (slice(at, at + count), *whole)))
        at, start = at + count, start + count * first.step
    return tuple(pieces)


def _touched(
    forward: tuple[slice, ...], shape: tuple[int, ...], chunks: tuple[int, ...]
) -> int:
    counts = [
        min(size, (cut.stop - 1) // chunk - cut.start // chunk + 1)
        for cut, size, chunk in zip(forward, shape, chunks, strict=True)
    ]
    return math.prod(counts)


def explain(made: Plan, filters: tuple[str, ...], reader: str) -> str:
    """Say in one paragraph what a plan does."""
    size = format_bytes(made.nbytes)
    text = f"{reader}: {made.shape} = {size} in {len(made.pieces)} read(s)"
    if made.chunk_bytes:
        decoded = format_bytes(made.decoded_bytes)
        text += f", {made.chunk_count} chunk(s), {decoded} decoded"
        text += f" ({', '.join(filters)})" if filters else " (uncompressed)"
    return text

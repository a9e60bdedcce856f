"""Cut pieces to a size, at chunk borders, so that no chunk is decoded twice."""

from __future__ import annotations

import math
from collections.abc import Iterator

from daisy_kernel.io.reading.plan import Piece


def cut(
    piece: Piece, chunks: tuple[int, ...] | None, itemsize: int, limit: int
) -> Iterator[Piece]:
    """Halve a piece until its parts have at most *limit* bytes.

    A part that lies in one chunk is not cut, however large it is.

    Parameters
    ----------
    chunks
        Shape of the file's chunks; None cuts anywhere.
    itemsize
        Bytes of one element.
    """
    runs = [range(s.start, s.stop, s.step or 1) for s in piece.source]
    if math.prod(map(len, runs)) * itemsize > limit:
        for axis, run in enumerate(runs):
            border = _middle(run, chunks[axis] if chunks else 1)
            if border is not None:
                for half in _halves(piece, axis, border):
                    yield from cut(half, chunks, itemsize, limit)
                return
    yield piece


def _middle(run: range, chunk: int) -> int | None:
    """Give the chunk border in the middle of a run, None if it has none inside."""
    first, last = run[0] // chunk, run[-1] // chunk
    return (first + last + 1) // 2 * chunk if last > first else None


def _halves(piece: Piece, axis: int, border: int) -> tuple[Piece, Piece]:
    source, target = piece.source[axis], piece.target[axis]
    step = source.step or 1
    count = len(range(source.start, border, step))
    start, middle = source.start + count * step, target.start + count
    return (
        _with(piece, axis, slice(source.start, border, step),
              slice(target.start, middle)),
        _with(piece, axis, slice(start, source.stop, step),
              slice(middle, target.stop)),
    )  # fmt: skip


def _with(piece: Piece, axis: int, source: slice, target: slice) -> Piece:
    return Piece(
        (*piece.source[:axis], source, *piece.source[axis + 1 :]),
        (*piece.target[:axis], target, *piece.target[axis + 1 :]),
    )

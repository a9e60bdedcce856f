"""A large array as pieces of a file: where each lies, without reading any.

Requirements
- The same array has the same pieces every time, so that a download that was broken
  off goes on anywhere.
- A piece is one contiguous part of the file, and no larger than is asked for.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

Part = int | tuple[int, int]  # a position, or where it begins and ends
Selection = tuple[Part, ...]


@dataclass(frozen=True)
class Piece:
    """A part of an array in C order, and the bytes that it takes in the file."""

    start: int
    end: int
    selection: Selection


def pieces(shape: tuple[int, ...], itemsize: int, most: int) -> Iterator[Piece]:
    """Cut an array into pieces of at most *most* bytes, one element at least."""
    if not math.prod(shape):
        return
    if not shape:
        yield Piece(0, itemsize, ())
        return
    cut = _axis_to_cut(shape, itemsize, most)
    inner = math.prod(shape[cut + 1 :]) * itemsize
    step = max(1, most // inner)
    start = 0
    for outer in itertools.product(*(range(n) for n in shape[:cut])):
        for first in range(0, shape[cut], step):
            last = min(first + step, shape[cut])
            end = start + (last - first) * inner
            rest = tuple((0, n) for n in shape[cut + 1 :])
            yield Piece(start, end, (*outer, (first, last), *rest))
            start = end


def _axis_to_cut(shape: tuple[int, ...], itemsize: int, most: int) -> int:
    """Find the first axis of which one position is small enough."""
    for axis in range(len(shape)):
        if math.prod(shape[axis + 1 :]) * itemsize <= most:
            return axis
    return len(shape) - 1


def inside(outer: Selection, piece: Selection) -> Selection:
    """Give the selection of a piece in the dataset, whose part *outer* is exported."""
    parts = iter(piece)
    found: list[Part] = []
    for part in outer:
        if isinstance(part, int):
            found.append(part)
            continue
        within = next(parts)
        if isinstance(within, int):
            found.append(part[0] + within)
        else:
            found.append((part[0] + within[0], part[0] + within[1]))
    return tuple(found)

"""One call of each algorithm of a stage, on what fits into the processor's cache."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from daisy_kernel.model.nodes import Array
from daisy_kernel.workflow.calling import check_result
from daisy_kernel.workflow.recipe import Turn, Use, ranges

if TYPE_CHECKING:
    from daisy_kernel.workflow.work import Work

# what was read of an object that is cut along an axis, and its first position
Piece = dict[tuple[str, int], tuple[Array, int]]
# positions of a tile along the blocks, and along the other axis that is cut
At = tuple[range, range | None]


@dataclass
class Tile:
    """What came out of a tile.

    Attributes
    ----------
    place
        First position across the blocks, 0 if it is not cut there.
    arrays
        Parts of objects, with the positions they have along axes that are cut.
    parts
        Parts of reductions.
    """

    place: int
    arrays: dict[str, tuple[Array, Mapping[int, range]]] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def do_tile(work: Work, piece: Piece, at: At) -> Tile:
    """Do the calls of a stage on a tile."""
    along, across = at
    tile = Tile(across.start if across else 0)
    made: dict[str, tuple[Array, int]] = {}
    every = ranges(work.turns, along, work.blocks.length)
    for number, (turn, (into, out)) in enumerate(zip(work.turns, every, strict=True)):
        start = time.perf_counter()
        arguments = [
            work.sources[use.name]
            if bound.input.is_whole
            else bound.given(_part(work, use, piece, made, into, across))
            for bound, use in zip(turn.call.bounds, turn.uses, strict=True)
        ]
        results = work.callers[number](arguments)
        for i, (name, found) in enumerate(
            zip(turn.call.step.into, results, strict=True)
        ):
            array = _as_object(turn, i, found, arguments, into, across)
            if turn.is_part:
                tile.parts[name] = array
                continue
            array = _between(array, turn.along, into.start, out)
            made[name] = array, out.start
            if name in work.keep:
                array = _between(array, turn.along, out.start, along)
                tile.arrays[name] = array, _place(turn, along, across)
        name = turn.call.name
        tile.seconds[name] = tile.seconds.get(name, 0.0) + time.perf_counter() - start
    return tile


def _part(
    work: Work,
    use: Use,
    piece: Piece,
    made: Mapping[str, tuple[Array, int]],
    into: range,
    across: range | None,
) -> Array:
    """Give the part of an object that a call takes."""
    if use.made:
        return _between(made[use.name][0], use.along, made[use.name][1], into)
    if use.along is None:
        array = work.whole(use.name)
    else:
        array, first = piece[use.name, use.along]
        array = _between(array, use.along, first, into)
    if use.across is not None and across is not None:
        array = _between(array, use.across, 0, across)
    return array


def _between(array: Array, axis: int | None, first: int, positions: range) -> Array:
    """Cut positions out of an array that begins at the position *first*."""
    if axis is None or (
        first == positions.start and array.shape[axis] == len(positions)
    ):
        return array
    index = (slice(None),) * axis
    return array[(*index, slice(positions.start - first, positions.stop - first))]


def _as_object(
    turn: Turn,
    i: int,
    found: Any,
    arguments: Sequence[Any],
    into: range,
    across: range | None,
) -> Any:
    """Check a result, and give it the axes of the object that it is a part of."""
    call = turn.call
    reducing = call.algorithm.reducing
    if turn.is_part and reducing is not None:
        if not reducing.is_elementwise:
            return found
        array = np.asarray(found)
        # what comes after is added to it in place
        return array if array.flags.owndata and array.flags.writeable else array.copy()
    if reducing is not None:
        found = reducing.finished(found, _count(turn, arguments[0]))
    spec = call.specs[i]
    shape = None if spec.shape is None else list(spec.shape)
    if shape is not None:
        if turn.along is not None:
            shape[turn.along] = len(into)
        if turn.across is not None and across is not None:
            shape[turn.across] = len(across)
        found = _unfolded(turn, found, shape)
    return check_result(
        call, found, None if shape is None else tuple(shape), spec.dtype
    )


def _unfolded(turn: Turn, found: Any, shape: list[int]) -> Any:
    """Give back the axes that were made one for the call."""
    array = np.asarray(found)
    if turn.call.first.lead == 1 or array.size != int(np.prod(shape)):
        return array
    return array.reshape(shape)


def _count(turn: Turn, first: Array) -> int:
    """Count the positions that a reduction within a tile goes over."""
    return int(first.shape[turn.call.reduced or 0])


def _place(turn: Turn, along: range, across: range | None) -> dict[int, range]:
    place = {} if turn.along is None else {turn.along: along}
    if turn.across is not None and across is not None:
        place[turn.across] = across
    return place

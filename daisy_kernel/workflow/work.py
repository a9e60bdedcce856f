"""Do one block of a stage: read its pieces, call the algorithms, join the results.

All this runs where the engine puts it: in a thread, in a process, on a worker.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from daisy_kernel.io.blocks import BlockFolder
from daisy_kernel.model import DataObject
from daisy_kernel.model.ahead import ahead
from daisy_kernel.model.memory import empty, keeping
from daisy_kernel.model.nodes import Array
from daisy_kernel.workflow.blocks import Blocks, read_at_a_time
from daisy_kernel.workflow.calling import Caller
from daisy_kernel.workflow.pairs import Pairs
from daisy_kernel.workflow.pool import in_order
from daisy_kernel.workflow.recipe import Turn, ranges, recipe
from daisy_kernel.workflow.stages import Stage
from daisy_kernel.workflow.tiles import At, Piece, Tile, do_tile


@dataclass
class Done:
    """What came out of a block, or of neighbours whose sum alone is of interest.

    Attributes
    ----------
    blocks
        Their numbers.
    arrays
        Blocks of objects, by name.
    parts
        Parts of reductions, by the name of the object.
    seconds
        Spent in each step, of all threads together.
    read, written
        Bytes of arrays that were read, and of files that were written, by the name of
        the object.
    nans
        Values that are no numbers, by the name of the object.
    """

    blocks: range
    arrays: dict[str, Array] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    nans: dict[str, int] = field(default_factory=dict)

    def count(self, other: Done) -> None:
        """Count also what another block took."""
        for name, seconds in other.seconds.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        self.read += other.read
        self.written += other.written


class Work:
    """A stage with the objects that it takes; travels to the workers.

    Parameters
    ----------
    sources
        Objects that are taken from outside.
    keep
        Names of the objects whose blocks are wanted.

    Attributes
    ----------
    folders
        Of those objects whose blocks are written where they are made.
    """

    def __init__(
        self,
        stage: Stage,
        blocks: Blocks,
        sources: Mapping[str, DataObject],
        keep: tuple[str, ...],
    ) -> None:
        self.stage, self.blocks, self.sources, self.keep = stage, blocks, sources, keep
        self.folders: Mapping[str, BlockFolder] = {}
        self.turns = recipe(stage, blocks)
        self._prepare()

    def _prepare(self) -> None:
        self.callers = [Caller(turn.call) for turn in self.turns]
        self._whole: dict[str, Array] = {}
        self._just_read: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __reduce__(self) -> Any:
        given = (self.stage, self.blocks, self.sources, self.keep)
        return _with_folders, (self.folders, *given)

    @property
    def added_up(self) -> list[str]:
        """Names of the objects that are added up block by block."""
        return [n for turn in self.turns if turn.is_part for n in turn.call.step.into]

    @property
    def only_adds_up(self) -> bool:
        """Whether nothing of single blocks is wanted."""
        return set(self.keep) <= set(self.added_up)

    def turn(self, name: str) -> Turn:
        """Give the turn that makes an object."""
        return next(turn for turn in self.turns if name in turn.call.step.into)

    def whole(self, name: str) -> Array:
        """Give all of an object that is not cut; read once per worker."""
        with self._lock:
            if name not in self._whole:
                self._whole[name] = self.sources[name].read()
                self._just_read[name] = self._whole[name].nbytes
            return self._whole[name]

    def _read_whole(self) -> Counter[str]:
        """Give the bytes of what was read whole, once."""
        with self._lock:
            found, self._just_read = self._just_read, Counter()
            return found

    def close(self) -> None:
        """Let algorithms tear down what they have set up."""
        for caller in self.callers:
            caller.close()

    def pairs(self) -> Pairs[dict[str, Any]]:
        """Give an empty sum of the parts of all blocks."""
        return Pairs(self.blocks.count, self._combined)

    def _combined(self, before: dict[str, Any], after: dict[str, Any]) -> Any:
        for name, part in after.items():
            reducing = self.turn(name).call.algorithm.reducing
            if reducing is not None:
                before[name] = reducing.combined(before[name], part)
        return before

    def do(self, numbers: range) -> Done:
        """Do a block, or several that are only added up.

        Raises
        ------
        AlgorithmFailed
            An algorithm raised, or gave what it had not promised.
        DataError
            What it works on cannot be read.
        """
        if len(numbers) == 1:
            return self._do(numbers.start)
        done, pairs = Done(numbers), self.pairs()
        for number in numbers:
            one = self._do(number)
            done.count(one)
            pairs.put(one.blocks, one.parts)
        done.parts = pairs.joined()
        return done

    def _do(self, number: int) -> Done:
        with keeping(read_at_a_time(self.stage, self.blocks)):
            done = _Block(self, number).run()
        done.read += self._read_whole()
        done.nans = {name: count_nan(array) for name, array in done.arrays.items()}
        for name in [name for name in done.arrays if name in self.folders]:
            array = done.arrays.pop(name)
            done.written[name] = self.folders[name].write(number, array)
        return done


def count_nan(array: Array) -> int:
    """Count the values that are no numbers."""
    if array.dtype.kind not in "fc":
        return 0
    return int(np.count_nonzero(np.isnan(array)))


def _with_folders(folders: Mapping[str, BlockFolder], *given: Any) -> Work:
    work = Work(*given)
    work.folders = folders
    return work


class _Block:
    """One block while it is being done."""

    def __init__(self, work: Work, number: int) -> None:
        self._work, self._range = work, work.blocks.range_of(number)
        self._number = number
        self._done = Done(range(number, number + 1))
        self._lock = threading.Lock()
        self._begun: set[tuple[str, int]] = set()
        self._seconds: dict[str, float] = defaultdict(float)

    def run(self) -> Done:
        blocks = self._work.blocks
        for piece, given in ahead(blocks.pieces(self._number), self._read):
            lanes = list(blocks.lanes(piece))
            if len(lanes) == 1:
                for tile in in_order(partial(do_tile, self._work, given), lanes[0]):
                    self._take(tile)
            else:
                for _ in in_order(partial(self._do_lane, given), lanes):
                    pass
        self._done.seconds = dict(self._seconds)
        return self._done

    def _do_lane(self, given: Piece, lane: Sequence[At]) -> None:
        """Do tiles that follow each other, and what they gave at once, while cached."""
        for at in lane:
            self._take(do_tile(self._work, given, at))

    def _read(self, piece: range) -> Piece:
        """Read what a piece needs, its neighbours included."""
        needed: dict[tuple[str, int], range] = {}
        turns, length = self._work.turns, self._work.blocks.length
        for turn, (into, _) in zip(turns, ranges(turns, piece, length), strict=True):
            for use in turn.uses:
                if not use.made and use.along is not None:
                    before = needed.get((use.name, use.along), into)
                    needed[use.name, use.along] = range(
                        min(into.start, before.start), max(into.stop, before.stop)
                    )
        found = {
            (name, axis): (self._read_part(name, axis, positions), positions.start)
            for (name, axis), positions in needed.items()
        }
        for (name, _), (array, _) in found.items():
            self._done.read[name] += array.nbytes
        return found

    def _read_part(self, name: str, axis: int, positions: range) -> Array:
        place = (slice(None),) * axis + (slice(positions.start, positions.stop),)
        return self._work.sources[name].read(place)

    def _take(self, tile: Tile) -> None:
        """Put what a tile gave into the block; those of a lane in their order."""
        with self._lock:
            for name, seconds in tile.seconds.items():
                self._seconds[name] += seconds
        for name, (array, place) in tile.arrays.items():
            self._put(name, array, place)
        for name, part in tile.parts.items():
            self._add(name, part, tile.place)

    def _add(self, name: str, part: Any, place: int) -> None:
        """Combine a part of a reduction with what came before, where it belongs."""
        turn, parts = self._work.turn(name), self._done.parts
        reducing = turn.call.algorithm.reducing
        is_first = (name, place) not in self._begun
        self._begun.add((name, place))
        if turn.across is None:
            if not is_first and reducing is not None:
                part = reducing.combined(parts[name], part)
            parts[name] = part
            return
        index, shape = [slice(None)] * part.ndim, list(part.shape)
        index[turn.across] = slice(place, place + shape[turn.across])
        shape[turn.across] = self._work.blocks.across_length
        into = self._room(parts, name, shape, part.dtype)[tuple(index)]
        if is_first:
            into[...] = part
        elif reducing is not None:
            reducing.combined(into, part)

    def _put(self, name: str, array: Array, place: Mapping[int, range]) -> None:
        """Put an array into the block's; of a whole block it is taken as it is."""
        turn = self._work.turn(name)
        shape = list(turn.call.specs[turn.call.step.into.index(name)].shape or ())
        index: list[slice] = [slice(None)] * len(shape)
        for axis, positions in place.items():
            start = self._range.start if axis == turn.along else 0
            index[axis] = slice(positions.start - start, positions.stop - start)
        if turn.along is not None:
            shape[turn.along] = len(self._range)
        if array.shape == tuple(shape) or not place:
            self._done.arrays[name] = array
            return
        room = self._room(self._done.arrays, name, shape, array.dtype)
        room[tuple(index)] = array

    def _room(
        self, into: dict[str, Any], name: str, shape: list[int], dtype: np.dtype[Any]
    ) -> Array:
        """Give the array that lanes write side by side."""
        with self._lock:
            if name not in into:
                into[name] = empty(tuple(shape), dtype)
            found: Array = into[name]
            return found

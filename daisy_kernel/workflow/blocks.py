"""How a stage is cut: by what is in the files and the algorithms, and nothing else.

The same data are cut the same way on every engine and with any number of workers. So
floating-point sums, which depend on the order, are the same everywhere, and blocks that
one engine has finished can be taken over by another.

- A block is what one worker does at a time, and what is kept when a run is killed.
- A piece is what is read at a time; a block that only adds up has many of them.
- A tile is what one call gets: small enough for the processor's cache.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from daisy_kernel.native import workers
from daisy_kernel.workflow.spec import Spec
from daisy_kernel.workflow.stages import Stage, decoded

# what is read at a time: enough to hide the cost of a task, and of many requests
_PIECE_BYTES = 128 << 20
_LEAST_PIECE = 1 << 20
# so many blocks at least where that leaves them large enough, for many workers
_LEAST_BLOCKS = 16
_TILE_BYTES = 2 << 20
# what blocks have added up travels once for so much that was read
_SENT_ONCE_BYTES = 1 << 30


@dataclass(frozen=True)
class Blocks:
    """How the lead of a stage is cut.

    Attributes
    ----------
    axis, length
        Axis of the lead that is cut, and how long it is. Axis None: one block, whole.
    block, piece, step
        Positions of a block, of a piece, and of a tile along the axis.
    across, across_length
        Another axis of the lead on which tiles are cut; None if there is none.
    tile
        Positions of a tile along that axis.
    """

    axis: int | None = None
    length: int = 1
    block: int = 1
    piece: int = 1
    step: int = 1
    across: int | None = None
    across_length: int = 1
    tile: int = 1

    @property
    def count(self) -> int:
        """Number of blocks."""
        return max(1, -(-self.length // self.block))

    def range_of(self, number: int) -> range:
        """Positions of a block."""
        return range(number * self.block, min((number + 1) * self.block, self.length))

    def pieces(self, number: int) -> Iterator[range]:
        """Positions of the pieces of a block."""
        return _cut(self.range_of(number), self.piece)

    def lanes(self, piece: range) -> Iterator[list[tuple[range, range | None]]]:
        """Cut a piece into tiles: positions along the axis, and across.

        Those of a lane follow each other along the axis; lanes lie side by side, and
        have nothing to do with each other.
        """
        steps = list(_cut(piece, self.step))
        if self.across is None:
            yield [(along, None) for along in steps]
            return
        for across in _cut(range(self.across_length), self.tile):
            yield [(along, across) for along in steps]


def _cut(whole: range, size: int) -> Iterator[range]:
    for start in range(whole.start, whole.stop, size):
        yield range(start, min(start + size, whole.stop))


def blocks_of(
    stage: Stage, memory: int | None = None, keep: Collection[str] = ()
) -> Blocks:
    """Choose how a stage is cut.

    Parameters
    ----------
    memory
        Bytes that one block may take: pieces are smaller then, as far as they can be.
    keep
        As for `memory_of`.
    """
    most = _PIECE_BYTES
    found = _cut_into(stage, most)
    while memory is not None and most > 1 and memory_of(stage, found, keep) > memory:
        most = most * 4 // 5
        found = _cut_into(stage, most)
    return found


def _cut_into(stage: Stage, most: int) -> Blocks:
    """Cut into pieces of so many bytes at most, where that is possible."""
    lead = stage.calls[0].first.spec
    if not stage.cuts or lead.shape is None or 0 in lead.shape:
        return Blocks()
    axis = min(stage.cuts, key=lambda a: _preference(lead, a))
    length = lead.shape[axis]
    position = max(1.0, _bytes_cut(stage, axis) / length)
    wanted = max(_LEAST_PIECE, position * length / _LEAST_BLOCKS)
    wanted = min(most, wanted) / position
    across = _across(stage, axis)
    if fold := stage.fold(axis):
        block, step = min(fold.block, length), min(fold.step, length)
        piece = _multiple(wanted, step, block)
    else:
        block = piece = _multiple(wanted, _grain(stage, lead, axis, position), length)
        step = piece
        if across is None and not _has_halo(stage):
            step = _multiple(_TILE_BYTES / position, _batch(stage), piece)
    if across is None:
        return Blocks(axis, length, block, piece, step)
    size = lead.shape[across]
    tile = _multiple(_TILE_BYTES * size / (position * step), 1, size)
    return Blocks(axis, length, block, piece, step, across, size, tile)


def memory_of(stage: Stage, blocks: Blocks, keep: Collection[str]) -> int:
    """Estimate the bytes that a block takes, with what it needs whole.

    Parameters
    ----------
    keep
        Names of the objects whose blocks are put together before they are written.
    """
    axis, made = blocks.axis, stage.makes
    if axis is None:
        return _memory_of_all(stage)
    whole = sum(
        spec.nbytes
        for name, spec in stage.takes.items()
        if stage.cut_of(name, axis) is None
    )
    parts = {n for n in keep if stage.cut_of(n, axis) is None}
    results = sum(made[name].nbytes for name in keep if name not in parts)
    sums = 2 * sum(made[name].nbytes for name in parts)
    tile = blocks.step / max(1, blocks.length) * blocks.tile / blocks.across_length
    calls = sum(
        tile * spec.nbytes * (1 + call.algorithm.memory)
        for call in stage.calls
        for spec in call.specs
    )
    block = blocks.block / max(1, blocks.length)
    read = read_at_a_time(stage, blocks)
    return int(whole + read + block * results + sums + workers() * calls)


def read_at_a_time(stage: Stage, blocks: Blocks) -> int:
    """Bytes of the two pieces of a block in memory: worked on, and read ahead."""
    return 2 * _bytes_taken(stage, blocks, blocks.piece)


def added_at_a_time(stage: Stage, blocks: Blocks, workers: int) -> int:
    """Neighbouring blocks that one worker adds up before it sends the sum.

    As many as leave something for each worker, and are read in a second or so.

    Returns
    -------
    :
        A power of two.
    """
    taken = max(1, _bytes_taken(stage, blocks, blocks.block))
    most = min(blocks.count // max(1, workers), _SENT_ONCE_BYTES // taken)
    return 1 << max(0, most.bit_length() - 1)


def _bytes_taken(stage: Stage, blocks: Blocks, positions: int) -> int:
    """Bytes of so many positions of all that is cut."""
    if blocks.axis is None:
        return 0
    cut = (
        spec.nbytes
        for name, spec in stage.takes.items()
        if stage.cut_of(name, blocks.axis) is not None
    )
    return int(positions / max(1, blocks.length) * sum(cut))


def _memory_of_all(stage: Stage) -> int:
    lazy = {b.name for c in stage.calls for b in c.bounds if b.input.is_whole}
    taken = sum(s.nbytes for name, s in stage.takes.items() if name not in lazy)
    made = sum(
        spec.nbytes * (1 + call.algorithm.memory)
        for call in stage.calls
        for spec in call.specs
    )
    return int(taken + made)


def _preference(lead: Spec, axis: int) -> tuple[float, int, int]:
    """Order the axes: few chunks are decoded twice, enough blocks, the slowest."""
    count = _chunks(lead, axis)
    return decoded(lead, axis), -min(count, _LEAST_BLOCKS), axis


def _chunks(spec: Spec, axis: int) -> int:
    """Count chunks along an axis."""
    size = (spec.shape or ())[axis]
    return -(-size // spec.chunks[axis]) if spec.chunks else size


def _bytes_cut(stage: Stage, axis: int) -> float:
    """Bytes of the largest that is in memory at once: all taken, or any made."""
    taken = sum(
        spec.nbytes
        for name, spec in stage.takes.items()
        if stage.cut_of(name, axis) is not None
    )
    made = [
        spec.nbytes * call.algorithm.memory
        for call, found in zip(stage.calls, stage.cuts[axis], strict=True)
        for spec in call.specs
        if found.result is not None
    ]
    return float(max([taken, *made]))


def _grain(stage: Stage, lead: Spec, axis: int, per_position: float) -> int:
    """Positions that blocks are a multiple of: whole chunks, whole batches."""
    batch = _batch(stage)
    chunk = lead.chunks[axis] if lead.chunks and not lead.partly else 1
    if lead.chunks and lead.partly and lead.chunks[axis] * per_position < _PIECE_BYTES:
        chunk = lead.chunks[axis]
    return math.lcm(batch, min(chunk, (lead.shape or ())[axis]))


def _batch(stage: Stage) -> int:
    return max(call.algorithm.batch for call in stage.calls)


def _has_halo(stage: Stage) -> bool:
    return any(call.algorithm.halo for call in stage.calls)


def _multiple(wanted: float, grain: int, most: int) -> int:
    """Round down to a multiple, at least one and at most all."""
    return max(1, min(most, max(grain, int(wanted) // grain * grain)))


def _across(stage: Stage, axis: int) -> int | None:
    """Choose another axis for tiles, on which nothing is added up."""
    shape = stage.calls[0].first.spec.shape or ()
    reductions = [c.algorithm.reducing for c in stage.calls if c.algorithm.reducing]
    if _has_halo(stage) or not all(found.is_elementwise for found in reductions):
        return None
    for other, cuts in stage.cuts.items():
        parts = any(found.result is None for found in cuts)
        if other != axis and not parts and shape[other] > 1:
            return other
    return None

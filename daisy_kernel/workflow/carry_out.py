"""Carry out a workflow: stage by stage, block by block, on an engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from daisy_kernel.compute import Engine
from daisy_kernel.io.blocks import BlockFolder, BlockLayout, open_blocks
from daisy_kernel.model import DataObject
from daisy_kernel.model.errors import ParameterRefused
from daisy_kernel.model.text import format_bytes, parse_bytes
from daisy_kernel.workflow.blocks import (
    Blocks,
    added_at_a_time,
    blocks_of,
    memory_of,
)
from daisy_kernel.workflow.check import describe_all
from daisy_kernel.workflow.describing import Call
from daisy_kernel.workflow.joining import Joined
from daisy_kernel.workflow.keeping import InMemory, Keeper
from daisy_kernel.workflow.opening import Objects
from daisy_kernel.workflow.pairs import portions
from daisy_kernel.workflow.parts import KeptParts
from daisy_kernel.workflow.spec import Spec, part_of
from daisy_kernel.workflow.stages import Stage, stages_of
from daisy_kernel.workflow.storing import description
from daisy_kernel.workflow.turning import with_turns
from daisy_kernel.workflow.work import Done, Work, count_nan
from daisy_kernel.workflow.workflow import Step

# of each process, where nothing else is said
MEMORY = "4 GiB"
# pieces of an object are not smaller than so, or there would be too many
_LEAST_PIECE = 1 << 20


def carry_out(
    steps: Sequence[Step],
    given: Objects,
    wanted: Iterable[str],
    engine: Engine,
    keeper: Keeper | None = None,
    memory: str | int = MEMORY,
) -> Objects:
    """Run steps until the objects that are wanted are there.

    Parameters
    ----------
    steps
        In an order in which they can run.
    given
        Data objects by name.
    wanted
        Names of objects that some of the steps make.
    keeper
        Where objects are kept, and who hears of it; all stay in memory by default.
    memory
        Bytes that each process may take for its work, as a number or like "2 GiB".

    Raises
    ------
    ParameterRefused
        Something does not fit into that memory; the message says what and how much.
    WorkflowError, DataError
    """
    share = parse_bytes(memory) // getattr(engine, "per_process", 1)
    kept = keeper or InMemory()
    goals = set(wanted)
    todo, objects = _left(steps, given, goals, kept)
    while todo:
        specs = {name: Spec.of(found) for name, found in objects.items()}
        calls, _ = describe_all(todo, specs)
        ready = with_turns(_known(calls), specs)
        stages = stages_of(ready)
        for stage in stages:
            _add_parts(stage, objects)
            names = _needed_outside(stage, ready, todo, goals)
            names += _dear(stage, names) if kept.for_later else ()
            made = _Running(stage, stages, objects, names, engine, kept, share).run()
            for name, found in made.items():
                kept.kept(name, found)
            objects |= made
        done = {call.name for stage in stages for call in stage.calls}
        todo = [step for step in todo if step.name not in done]
    return {name: objects[name] for name in objects if name in goals}


def _left(
    steps: Sequence[Step], given: Objects, goals: set[str], keeper: Keeper
) -> tuple[list[Step], Objects]:
    """Leave out what was made before, and all that was only needed for that."""
    objects, needed = dict(given), set(goals)
    todo: list[Step] = []
    for step in reversed(steps):
        lacking = []
        for name in step.into:
            if name in needed and (found := keeper.known(name)) is not None:
                objects[name] = found
            elif name in needed:
                lacking.append(name)
        if lacking:
            todo.insert(0, step)
            needed.update(step.needs)
    return todo, objects


def _known(calls: Sequence[Call]) -> list[Call]:
    """Give the calls whose objects are known in shape; the others have to wait."""
    return [c for c in calls if all(b.spec.shape is not None for b in c.bounds)]


def _needed_outside(
    stage: Stage, calls: Iterable[Call], steps: Iterable[Step], goals: set[str]
) -> tuple[str, ...]:
    """Names of what a stage makes that is needed outside of it."""
    inside = {call.name for call in stage.calls}
    outside = {n for step in steps if step.name not in inside for n in step.needs}
    outside |= {b.name for c in calls if c.name not in inside for b in c.bounds}
    return tuple(name for name in stage.makes if name in goals | outside)


def _dear(stage: Stage, names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of what a stage makes that is worth keeping for another run."""
    every = (n for c in stage.calls if c.algorithm.keep for n in c.step.into)
    return tuple(name for name in every if name not in names)


def _add_parts(stage: Stage, objects: Objects) -> None:
    """Make objects of what is called like "projections.angle"."""
    for name in stage.takes:
        whole, dot, part = name.partition(".")
        if dot and name not in objects:
            objects[name] = part_of(objects[whole], part, whole)


class _Running:
    """One stage while it runs."""

    def __init__(
        self,
        stage: Stage,
        stages: Sequence[Stage],
        objects: Mapping[str, DataObject],
        keep: tuple[str, ...],
        engine: Engine,
        keeper: Keeper,
        memory: int,
    ) -> None:
        self._stage, self._stages, self._memory = stage, stages, memory
        self._engine, self._keeper = engine, keeper
        if any(call.algorithm.process for call in stage.calls):
            self._engine = engine.apart() if hasattr(engine, "apart") else engine
        self._blocks = blocks_of(stage, memory, keep)
        _check_memory(stage, self._blocks, keep, memory)
        sources = {name: objects[name] for name in stage.takes}
        self._work = Work(stage, self._blocks, sources, keep)
        self._folders = self._work.folders = self._folders_of(keep)

    def run(self) -> Objects:
        """Do the blocks that are not there yet, and give the objects."""
        parts = KeptParts(self._work, self._keeper)
        before = self._finished(parts)
        there = {number for done in before for number in done.blocks}
        self._keeper.begin(self._stage, self._blocks, len(there))
        joined = Joined(self._work, self._folders)
        nans: Counter[str] = Counter()
        try:
            for done in before:
                joined.take(done)
            for _, done in self._engine.map(self._work.do, self._todo(there)):
                parts.keep(done)
                joined.take(done)
                nans.update(done.nans)
                self._keeper.block(done)
            made = joined.objects()
        finally:
            self._work.close()
        parts.remove()
        for name, found in made.items():
            count = nans[name] or (0 if found.is_lazy else count_nan(found.read()))
            if count:
                algorithm = self._work.turn(name).call.name
                self._keeper.nans(name, algorithm, count)
        return {name: self._stored(name, found) for name, found in made.items()}

    def _finished(self, parts: KeptParts) -> list[Done]:
        """Give what is there: blocks in files, and parts of what is added up."""
        in_memory = set(self._work.keep) - set(self._folders) - set(parts.names)
        if in_memory or not parts.is_complete:
            return []
        every = portions(self._blocks.count, 1)
        known = parts.known() if parts.names else ((blocks, {}) for blocks in every)
        return [
            Done(blocks, parts=dict(found))
            for blocks, found in known
            if all(f.has(n) for f in self._folders.values() for n in blocks)
            and (found or self._folders)
        ]

    def _todo(self, there: set[int]) -> list[range]:
        """Give the blocks that are left; neighbours together if only a sum travels."""
        size = 1
        if getattr(self._engine, "is_far", False) and self._work.only_adds_up:
            size = added_at_a_time(self._stage, self._blocks, self._engine.workers)
        todo = []
        for blocks in portions(self._blocks.count, size):
            if there.isdisjoint(blocks):
                todo.append(blocks)
            else:
                todo += [range(n, n + 1) for n in blocks if n not in there]
        return todo

    def _folders_of(self, names: Iterable[str]) -> dict[str, BlockFolder]:
        """Make the folders of what is written block by block."""
        found = {}
        for name in names:
            turn = self._work.turn(name)
            spec = self._stage.makes[name]
            if turn.along is None or spec.shape is None or spec.dtype is None:
                continue
            layout = self._layout(name, spec, turn.along)
            folder = self._keeper.folder(name, layout)
            if folder is not None:
                found[name] = folder
        return found

    def _layout(self, name: str, spec: Spec, along: int) -> BlockLayout:
        """Cut an object as it is made, into pieces as they will be read."""
        shape, dtype = spec.shape or (), spec.dtype or np.dtype("f4")
        piece = list(shape)
        piece[along] = _positions(shape, dtype, along, self._blocks.block)
        for stage in self._stages:
            axis = _cut_otherwise(stage, name, along, self._memory)
            if axis is not None:
                piece[along] = self._blocks.block
                piece[axis] = min(shape[axis], blocks_of(stage, self._memory).piece)
        about = {"object": description(spec)}
        return BlockLayout(
            shape, dtype, along, self._blocks.block, tuple(piece), spec.names, about
        )

    def _stored(self, name: str, found: DataObject) -> DataObject:
        """Put what came out in one piece where objects are kept."""
        if found.is_lazy:
            return found
        array = np.asarray(found.data)
        layout = _whole_layout(array, found)
        folder = self._keeper.folder(name, layout)
        if folder is None:
            return found
        self._keeper.wrote(name, folder.write(0, array))
        return replace(found, data=open_blocks(folder.path))


def _check_memory(
    stage: Stage, blocks: Blocks, keep: tuple[str, ...], memory: int
) -> None:
    needed = memory_of(stage, blocks, keep)
    if needed > memory:
        names = ", ".join(call.name for call in stage.calls)
        raise ParameterRefused(
            f"{names}: a block needs about {format_bytes(needed)}, and may take "
            f"{format_bytes(memory)} (memory= divided by what runs side by side). Give "
            "more memory, or an engine with fewer workers"
        )


def _whole_layout(array: Any, found: DataObject) -> BlockLayout:
    """Lay out an array that is written at once."""
    shape, dtype = array.shape, array.dtype
    about = {"object": description(found)}
    if not shape:
        return BlockLayout((), dtype, 0, 1, (), attributes=about)
    length = max(1, shape[0])
    piece = (_positions(shape, dtype, 0, length), *(max(1, n) for n in shape[1:]))
    block = -(-length // piece[0]) * piece[0]
    return BlockLayout(shape, dtype, 0, block, piece, found.axis_names, about)


def _positions(
    shape: tuple[int, ...], dtype: np.dtype[Any], along: int, block: int
) -> int:
    """Positions of a piece: one large frame, or several that divide a block."""
    position = max(1, int(np.prod(shape)) // max(1, shape[along]) * dtype.itemsize)
    wanted = min(block, max(1, _LEAST_PIECE // position))
    return next(n for n in range(wanted, 0, -1) if block % n == 0)


def _cut_otherwise(stage: Stage, name: str, along: int, memory: int) -> int | None:
    """Give the axis along which a stage reads an object, if that is another one."""
    if name not in stage.takes:
        return None
    blocks = blocks_of(stage, memory)
    axis = None if blocks.axis is None else stage.cut_of(name, blocks.axis)
    return axis if axis != along else None

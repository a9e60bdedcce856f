"""Join what comes out of the blocks of a stage, in whatever order they are done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daisy_kernel.io.blocks import BlockFolder, open_blocks
from daisy_kernel.model import DataObject, Origin
from daisy_kernel.model.memory import empty
from daisy_kernel.model.nodes import Array
from daisy_kernel.workflow.calling import check_result
from daisy_kernel.workflow.describing import Call
from daisy_kernel.workflow.work import Done, Work


class Joined:
    """Objects of a stage while its blocks come in.

    Parameters
    ----------
    folders
        Of the objects whose blocks the workers write themselves.
    """

    def __init__(self, work: Work, folders: Mapping[str, BlockFolder]) -> None:
        self._work, self._folders = work, folders
        self._arrays: dict[str, Array] = {}
        self._parts = work.pairs()

    def take(self, done: Done) -> None:
        """Take what came out of blocks."""
        for name, array in done.arrays.items():
            self._put(name, array, done.blocks.start)
        self._parts.put(done.blocks, done.parts)

    def objects(self) -> dict[str, DataObject]:
        """Give the objects that were wanted."""
        for name, total in self._parts.joined().items():
            self._arrays[name] = _finished(self._work.turn(name).call, total)
        return {name: self._object(name) for name in self._work.keep}

    def _put(self, name: str, array: Array, number: int) -> None:
        blocks, turn = self._work.blocks, self._work.turn(name)
        if turn.along is None or blocks.count == 1:
            self._arrays[name] = array
            return
        if name not in self._arrays:
            shape = list(array.shape)
            shape[turn.along] = blocks.length
            self._arrays[name] = empty(tuple(shape), array.dtype)
        of = blocks.range_of(number)
        index = (slice(None),) * turn.along + (slice(of.start, of.stop),)
        self._arrays[name][index] = array

    def _object(self, name: str) -> DataObject:
        call = self._work.turn(name).call
        if name in self._folders:
            return result_object(call, name, open_blocks(self._folders[name].path))
        return result_object(call, name, self._arrays[name])


def result_object(call: Call, name: str, data: Any) -> DataObject:
    """Give a result its axes, units and geometry, and say where it comes from."""
    spec = call.specs[call.step.into.index(name)]
    axes = spec.axes if len(spec.axes) == data.ndim else ()
    origin = Origin(
        algorithm=call.algorithm.name,
        parameters=call.parameters,
        inputs=tuple(bound.name for bound in call.bounds),
    )
    return DataObject(
        data, axes, spec.units, spec.geometry, spec.mask, origin, spec.positions
    )


def _finished(call: Call, total: Any) -> Array:
    """Give the result of a reduction whose parts are all added up."""
    reducing, spec = call.algorithm.reducing, call.specs[0]
    count = call.first.shape[call.reduced or 0]
    found = total if reducing is None else reducing.finished(total, count)
    return check_result(call, found, spec.shape, spec.dtype)

"""Stages: algorithms that go over the same blocks in one pass.

A chain of algorithms is one stage for as long as all of them may be cut along the same
axis. Where that changes (frames to sinograms), or where something is needed whole, the
objects between are kept, and the next stage reads them along its own axis: that is a
transposition, once for all.
"""

from __future__ import annotations

import graphlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from daisy_kernel.workflow.cuts import Cut, cut
from daisy_kernel.workflow.describing import Call
from daisy_kernel.workflow.folding import Fold, fold_of
from daisy_kernel.workflow.spec import Spec

# decoding a chunk more often than so costs more than writing it once in another order
MOST_DECODED = 2.0
_BLOCK_BYTES = 128 << 20


@dataclass(eq=False)
class Stage:
    """Calls that go over the same blocks.

    Attributes
    ----------
    lead
        Name of the object that is cut first.
    cuts
        For every axis of it along which all calls may be cut, the cut of each call;
        empty if everything is needed whole.
    """

    lead: str
    calls: list[Call] = field(default_factory=list)
    cuts: dict[int, list[Cut]] = field(default_factory=dict)

    @property
    def makes(self) -> dict[str, Spec]:
        """Objects that it makes."""
        return {
            name: spec
            for call in self.calls
            for name, spec in zip(call.step.into, call.specs, strict=True)
        }

    @property
    def takes(self) -> dict[str, Spec]:
        """Objects that it takes from outside."""
        made = self.makes
        return {
            bound.name: bound.spec
            for call in self.calls
            for bound in call.bounds
            if bound.name not in made
        }

    def cut_of(self, name: str, axis: int) -> int | None:
        """Give the axis along which an object is cut, if the lead is along *axis*."""
        for call, found in zip(self.calls, self.cuts.get(axis, ()), strict=False):
            if name in call.step.into:
                return found.result
        for call, found in zip(self.calls, self.cuts.get(axis, ()), strict=False):
            for bound, place in zip(call.bounds, found.inputs, strict=True):
                if bound.name == name:
                    return place
        return None

    def fold(self, axis: int) -> Fold | None:
        """Give the portions of the reductions along an axis of the lead."""
        for call, found in zip(self.calls, self.cuts[axis], strict=True):
            if found.result is None and found.inputs[0] is not None:
                return fold_of(call, found.inputs[0])
        return None

    def with_call(self, call: Call) -> dict[int, list[Cut]]:
        """Give the cuts if a call came in; empty if it does not fit."""
        made, takes = self.makes, self.takes
        found: dict[int, list[Cut]] = {}
        for axis, cuts in self.cuts.items():
            place = self.cut_of(call.first.name, axis)
            if place is None or call.first.name not in {*made, *takes}:
                continue
            new = cut(call, place)
            if new is not None and self._agrees(call, new, axis):
                found[axis] = [*cuts, new]
        return found

    def _agrees(self, call: Call, new: Cut, axis: int) -> bool:
        """Whether it takes what is made here as it is cut, and adds up alike."""
        made, fold = self.makes, self.fold(axis)
        adds_up = new.result is None and new.inputs[0] is not None
        if fold and adds_up and fold_of(call, new.inputs[0] or 0) != fold:
            return False
        return all(
            self.cut_of(bound.name, axis) == place and place is not None
            for bound, place in zip(call.bounds, new.inputs, strict=True)
            if bound.name in made
        )


def stages_of(calls: Sequence[Call]) -> list[Stage]:
    """Join calls, given in an order in which they can run, to stages."""
    stages: list[Stage] = []
    by_object: dict[str, Stage] = {}
    for call in calls:
        stage = _fitting(call, stages, by_object)
        if stage is None:
            stage = _new(call)
            stages.append(stage)
        by_object |= dict.fromkeys(call.step.into, stage)
    return _ordered(stages, by_object)


def _new(call: Call) -> Stage:
    found = {}
    for axis in range(len(call.first.spec.shape or ())):
        new = cut(call, axis)
        if new is not None:
            found[axis] = [new]
    return Stage(call.first.name, [call], found)


def _fitting(
    call: Call, stages: list[Stage], by_object: Mapping[str, Stage]
) -> Stage | None:
    """Find a stage that a call may come into, and put it there."""
    maker = by_object.get(call.first.name)
    possible = [maker] if maker else [s for s in stages if call.first.name in s.takes]
    for stage in possible:
        cuts = stage.with_call(call)
        others = {by_object[b.name] for b in call.bounds if b.name in by_object}
        waits = any(_needs(other, stage, by_object) for other in others - {stage})
        if cuts and not waits and _is_cheap(stage, cuts):
            stage.calls.append(call)
            stage.cuts = cuts
            return stage
    return None


def _needs(stage: Stage, other: Stage, by_object: Mapping[str, Stage]) -> bool:
    """Whether a stage can only run after the other one."""
    before = {by_object[name] for name in stage.takes if name in by_object}
    return other in before or any(_needs(s, other, by_object) for s in before)


def _is_cheap(stage: Stage, cuts: Mapping[int, list[Cut]]) -> bool:
    """Whether there is a cut left that does not decode chunks over and over."""
    spec = stage.takes.get(stage.lead)
    if spec is None or spec.shape is None:
        return True
    now = min(decoded(spec, axis) for axis in stage.cuts)
    then = min(decoded(spec, axis) for axis in cuts)
    return then <= max(now, MOST_DECODED)


def decoded(spec: Spec, axis: int) -> float:
    """How often each chunk is decoded if an object is read in blocks along an axis."""
    if not spec.chunks or spec.partly or not spec.nbytes or spec.shape is None:
        return 1.0
    per_position = spec.nbytes / max(1, spec.shape[axis])
    length = max(1.0, _BLOCK_BYTES / per_position)
    return max(1.0, min(spec.chunks[axis], spec.shape[axis]) / length)


def _ordered(stages: list[Stage], by_object: Mapping[str, Stage]) -> list[Stage]:
    sorter: graphlib.TopologicalSorter[int] = graphlib.TopologicalSorter()
    numbers = {id(stage): number for number, stage in enumerate(stages)}
    for number, stage in enumerate(stages):
        before = {by_object[name] for name in stage.takes if name in by_object}
        sorter.add(number, *(numbers[id(other)] for other in before))
    return [stages[number] for number in sorter.static_order()]

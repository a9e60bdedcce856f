"""The planned transposition: an object is written once in the order it is needed in.

Where a file's chunks hold all rows of a frame, reading some rows of all frames decodes
every chunk anew for each block. So it is read once, block after block of frames, and
written in pieces of some rows; what needs rows then reads those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from daisy_kernel.model.nodes import Array
from daisy_kernel.workflow.algorithm import algorithm
from daisy_kernel.workflow.cuts import cut
from daisy_kernel.workflow.describing import Call, describe
from daisy_kernel.workflow.spec import Spec
from daisy_kernel.workflow.stages import MOST_DECODED, decoded
from daisy_kernel.workflow.workflow import Step

TURNED = "/turned"


@algorithm(pattern="point", name="turn", gives="turned")
def turn(values: Array) -> Array:
    """Write in another order."""
    return values


def with_turns(calls: Iterable[Call], given: Mapping[str, Spec]) -> list[Call]:
    """Put a transposition before each call that would decode chunks over and over.

    Parameters
    ----------
    given
        Specs of the objects that are there: only those are in files.
    """
    made: list[Call] = []
    turned: dict[str, Spec] = {}
    for call in calls:
        name = call.first.name
        if name in given and name not in turned and _is_dear(call):
            step = Step(name + TURNED, turn, {"values": name}, (name + TURNED,), {})
            new = describe(step, {name: call.first.spec})
            # what is written block by block is read without decoding
            turned[name] = replace(new.specs[0], chunks=None, partly=True)
            made.append(new)
        made.append(_reading_turned(call, turned) if _is_dear(call) else call)
    return made


def _is_dear(call: Call) -> bool:
    """Whether every way to cut a call decodes chunks many times."""
    spec = call.first.spec
    axes = [a for a in range(len(spec.shape or ())) if cut(call, a) is not None]
    return bool(axes) and min(decoded(spec, axis) for axis in axes) > MOST_DECODED


def _reading_turned(call: Call, turned: Mapping[str, Spec]) -> Call:
    """Let a call take what was turned in the place of what is in the file."""
    bounds = tuple(
        replace(bound, name=bound.name + TURNED, spec=turned[bound.name])
        if bound.name in turned
        else bound
        for bound in call.bounds
    )
    return replace(call, bounds=bounds)

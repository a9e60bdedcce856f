"""A stage as it is carried out: which part of which object each call gets and gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from daisy_kernel.workflow.blocks import Blocks
from daisy_kernel.workflow.describing import Call
from daisy_kernel.workflow.stages import Stage


@dataclass(frozen=True)
class Use:
    """How a call takes an object.

    Attributes
    ----------
    along, across
        Axes of the object that are cut with the blocks and with the tiles; None for
        those that are whole.
    made
        Whether it is made in the same stage.
    """

    name: str
    along: int | None
    across: int | None
    made: bool


@dataclass(frozen=True, eq=False)
class Turn:
    """One call of a stage: what it takes, and the axes of its results that are cut."""

    call: Call
    uses: tuple[Use, ...]
    along: int | None
    across: int | None

    @property
    def is_part(self) -> bool:
        """Whether its result is a part of a reduction along the blocks."""
        return (
            self.call.reduced is not None
            and self.along is None
            and any(use.along is not None for use in self.uses)
        )


def recipe(stage: Stage, blocks: Blocks) -> tuple[Turn, ...]:
    """Write down the calls of a stage, in order."""
    made = set(stage.makes)
    turns = []
    for number, call in enumerate(stage.calls):
        none = (None,) * len(call.bounds)
        along = stage.cuts[blocks.axis][number] if blocks.axis is not None else None
        beside = (
            stage.cuts[blocks.across][number] if blocks.across is not None else None
        )
        places = zip(
            call.bounds,
            along.inputs if along else none,
            beside.inputs if beside else none,
            strict=True,
        )
        uses = tuple(Use(b.name, a, c, b.name in made) for b, a, c in places)
        turns.append(
            Turn(
                call,
                uses,
                along.result if along else None,
                beside.result if beside else None,
            )
        )
    return tuple(turns)


def ranges(
    turns: Iterable[Turn], wanted: range, length: int
) -> list[tuple[range, range]]:
    """Say which positions each call gets and gives, so that all *wanted* come out.

    Parameters
    ----------
    wanted
        Positions along the cut.
    length
        Of the axis: there are no neighbours beyond it.

    Returns
    -------
    :
        For each call the positions it takes, and those of its result that count.
    """
    needed: dict[str, range] = {}
    found: list[tuple[range, range]] = []
    for turn in reversed(list(turns)):
        out = wanted
        for name in turn.call.step.into:
            out = _both(out, needed.get(name, out))
        halo = turn.call.algorithm.halo
        into = range(max(0, out.start - halo), min(length, out.stop + halo))
        for use in turn.uses:
            if use.along is not None:
                needed[use.name] = _both(into, needed.get(use.name, into))
        found.append((into, out))
    return found[::-1]


def _both(one: range, other: range) -> range:
    return range(min(one.start, other.start), max(one.stop, other.stop))

"""In which portions a reduction adds up: always the same for the same data.

A floating-point sum depends on its order. So how many positions one call adds up, and
how many such sums make a block, follow from what is reduced and from nothing else: not
from the engine, the number of workers, or the algorithms that come before.
"""

from __future__ import annotations

from dataclasses import dataclass

from daisy_kernel.workflow.describing import Call

_STEP_BYTES = 256 << 20
_LEAST_BLOCKS = 16
# a block is so many times the result, or adding up the blocks would cost most
_TIMES_RESULT = 32


@dataclass(frozen=True)
class Fold:
    """Positions that one call adds up, and positions of a block."""

    step: int
    block: int


def fold_of(call: Call, axis: int) -> Fold:
    """Give the portions of a reduction that is cut along an axis of its first input."""
    spec = call.first.spec
    length = max(1, (spec.shape or ())[axis])
    position = max(1, spec.nbytes // length)
    step = _power(_STEP_BYTES / position)
    result = sum(found.nbytes for found in call.specs)
    block = max(step, _power(_TIMES_RESULT * result / position))
    # small data are still worth several workers
    while step > 1 and step * _LEAST_BLOCKS > length:
        step //= 2
    while (
        block > step
        and block * _LEAST_BLOCKS > length
        and (block * position > 2 * _TIMES_RESULT * result)
    ):
        block //= 2
    return Fold(step, max(step, block))


def _power(number: float) -> int:
    """Round down to a power of two, at least one."""
    return 1 << max(0, int(number).bit_length() - 1)

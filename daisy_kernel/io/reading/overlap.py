"""Which of the positions wanted along an axis lie in a range: plain arithmetic."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right

from daisy_kernel.model.selection import Positions, Steps


def overlap(axis: Positions, span: range) -> list[tuple[slice, Positions]]:
    """Give common positions: their places in the result, and in the range.

    Parameters
    ----------
    axis
        Steps or a rising list.
    span
        With any positive step.
    """
    if not len(span):
        return []
    if isinstance(axis, Steps):
        return _of_steps(axis, span)
    return _of_list(axis, span)


def _of_steps(axis: Steps, span: range) -> list[tuple[slice, Positions]]:
    start, count, step = axis
    low = max(0, -((start - span.start) // step))
    high = min(count, (span[-1] - start) // step + 1)
    common = math.gcd(step, span.step)
    if (span.start - start) % common:
        return []
    every = span.step // common  # every so many-th position of the axis is in the span
    first = (span.start - start) // common * pow(step // common, -1, every) % every
    low += (first - low) % every
    if low >= high:
        return []
    found = len(range(low, high, every))
    inside = (start + low * step - span.start) // span.step
    return [(slice(low, high, every), Steps(inside, found, step // common))]


def _of_list(positions: list[int], span: range) -> list[tuple[slice, Positions]]:
    found: list[tuple[slice, list[int]]] = []
    first = bisect_left(positions, span.start)
    for i in range(first, bisect_right(positions, span[-1])):
        if positions[i] not in span:
            continue
        inside = span.index(positions[i])
        if found and found[-1][0].stop == i:
            target, before = found[-1]
            before.append(inside)
            found[-1] = (slice(target.start, i + 1), before)
        else:
            found.append((slice(i, i + 1), [inside]))
    return [*found]

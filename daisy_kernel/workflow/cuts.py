"""Along which axes the objects of a call may be cut, and what that cuts."""

from __future__ import annotations

from dataclasses import dataclass

from daisy_kernel.workflow.binding import Bound
from daisy_kernel.workflow.describing import Call


@dataclass(frozen=True)
class Cut:
    """Axes along which a call is cut into parts that do not need each other.

    Attributes
    ----------
    inputs
        Axis of each object that it takes; None for one that is needed whole.
    result
        Axis of the objects that it makes; None for a reduction along the cut, which
        gives a part of the sum for each.
    """

    inputs: tuple[int | None, ...]
    result: int | None


def cut(call: Call, axis: int) -> Cut | None:
    """Cut a call along an axis of the first object it takes; None if that cannot be."""
    first = call.first
    if call.algorithm.pattern in ("volume", "scan") or first.spec.shape is None:
        return None
    at = first.order.index(axis)
    if at >= len(first.order) - call.core:
        return None
    if call.algorithm.pattern == "point":
        return _of_points(call, at)
    if call.algorithm.halo and first.lead > 1:
        return None  # neighbours along one axis only
    inputs = tuple(b.order[at] if b.loops else None for b in call.bounds)
    seen = max(0, at - first.lead + 1)
    return Cut(inputs, _left(call, seen, at, removed=first.lead))


def _of_points(call: Call, at: int) -> Cut | None:
    """Cut along an axis that is counted from the end, as numpy broadcasts."""
    if callable(call.algorithm.shape):
        return None
    from_end = len(call.first.order) - at
    sizes = [_size(bound, from_end) for bound in call.bounds]
    whole = max(sizes)
    if sizes[0] != whole:
        return None
    inputs = tuple(
        len(bound.order) - from_end if size == whole and size > 1 else None
        for bound, size in zip(call.bounds, sizes, strict=True)
    )
    ndim = max(len(bound.order) for bound in call.bounds)
    place = ndim - from_end
    return (
        Cut(inputs, _left(call, place, place, removed=1))
        if inputs[0] is not None
        else None
    )


def _size(bound: Bound, from_end: int) -> int:
    shape = bound.shape
    return shape[-from_end] if from_end <= len(shape) else 1


def _left(call: Call, seen: int, at: int, removed: int) -> int | None:
    """Give the axis of the result that axis *at* of the first input becomes."""
    if call.reduced is None:
        return at
    if call.reduced == seen:
        return None
    return at - removed if call.reduced < seen else at

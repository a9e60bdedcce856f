"""How a virtual dataset maps onto a source: arithmetic on positions, no files.

Positions wanted along an axis are Steps or a rising list; the positions that a
mapping covers are a range per axis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import h5py
import numpy as np

from daisy_kernel.io.reading import overlap
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.selection import Positions, Steps

Span = tuple[range, ...]


@dataclass(frozen=True)
class Mapping:
    """A part of a virtual dataset, and where it is in its source.

    Attributes
    ----------
    span
        Positions in the virtual dataset, per axis.
    source
        Positions in the source, per axis, each with the axis of the virtual dataset
        that it follows, None where it has one position only.
    """

    span: Span
    source: tuple[tuple[int | None, range], ...]

    def wanted(
        self, axes: Sequence[Positions], out: Array
    ) -> Iterator[tuple[tuple[Positions, ...], Array]]:
        """Give what of a selection lies in here: axes of the source, view of *out*."""
        found = [overlap(a, r) for a, r in zip(axes, self.span, strict=True)]
        for parts in product(*found):
            targets = tuple(target for target, _ in parts)
            within = [inside for _, inside in parts]
            yield self._in_source(within), self._in_source_order(out[targets])

    def _in_source(self, within: list[Positions]) -> tuple[Positions, ...]:
        return tuple(
            Steps(at.start, 1, 1) if axis is None else _on(at, within[axis])
            for axis, at in self.source
        )

    def _in_source_order(self, view: Array) -> Array:
        kept = {axis for axis, _ in self.source if axis is not None}
        view = view[tuple(slice(None) if a in kept else 0 for a in range(view.ndim))]
        return view[
            tuple(
                np.newaxis if axis is None else slice(None) for axis, _ in self.source
            )
        ]


def mapping(span: Span, source: Span) -> Mapping | None:
    """Pair the axes of both sides: those longer than 1 must agree, in order."""
    long = [axis for axis, at in enumerate(span) if len(at) != 1]
    source_long = [axis for axis, at in enumerate(source) if len(at) != 1]
    if [len(span[a]) for a in long] != [len(source[a]) for a in source_long]:
        return None
    partner = dict(zip(source_long, long, strict=True))
    return Mapping(span, tuple((partner.get(a), at) for a, at in enumerate(source)))


def span_of(space: Any) -> Span | None:
    """Give the positions of an HDF5 selection, None if they are no ranges."""
    kind = space.get_select_type()
    if kind == h5py.h5s.SEL_ALL:
        return tuple(range(int(size)) for size in space.shape)
    if kind != h5py.h5s.SEL_HYPERSLABS or not space.is_regular_hyperslab():
        return None
    axes = zip(*space.get_regular_hyperslab(), strict=True)
    found = [_hyperslab(*(int(n) for n in axis)) for axis in axes]
    return None if None in found else tuple(at for at in found if at is not None)


def meets(span: Span, axes: Sequence[Positions]) -> bool:
    """Whether a selection has positions in a span."""
    return any(True for _ in targets(span, axes))


def targets(span: Span, axes: Sequence[Positions]) -> Iterator[tuple[slice, ...]]:
    """Give the places in a selection's array of what lies in a span."""
    found = [overlap(axis, at) for axis, at in zip(axes, span, strict=True)]
    return (tuple(target for target, _ in parts) for parts in product(*found))


def are_disjoint(spans: Sequence[Span]) -> bool:
    """Whether no position belongs to two spans. In doubt the answer is no."""
    if len(spans) < 2:  # noqa: PLR2004
        return True
    for axis in range(len(spans[0])):
        along = np.concatenate([np.asarray(span[axis]) for span in spans])
        if len(np.unique(along)) == len(along):
            return True
    if len(spans) > 64:  # noqa: PLR2004
        return False
    pairs = ((a, b) for i, a in enumerate(spans) for b in spans[:i])
    return not any(
        all(set(x) & set(y) for x, y in zip(a, b, strict=True)) for a, b in pairs
    )


def _hyperslab(start: int, stride: int, count: int, block: int) -> range | None:
    if start + stride * (count - 1) + block >= 1 << 62:  # unlimited
        return None
    if count == 1:
        return range(start, start + block)
    if block == 1:
        return range(start, start + stride * count, stride)
    return range(start, start + count * block) if stride == block else None


def _on(at: range, within: Positions) -> Positions:
    """Positions within a span, as positions of the source."""
    if isinstance(within, Steps):
        start, count, step = within
        return Steps(at.start + start * at.step, count, step * at.step)
    return [at[i] for i in within]

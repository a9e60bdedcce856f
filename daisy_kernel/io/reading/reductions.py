"""Decode and add up: hand the parts of a reduction to the compiled core."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from daisy_kernel.io.reading.limits import is_beyond_memory
from daisy_kernel.io.reading.parts import Part, in_words
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.reduction import Reduction, overflow
from daisy_kernel.model.stopping import current_stop
from daisy_kernel.native import ReadFailure, can_reduce, reduce_parts_into


def reduce_parts(
    parts_of: Callable[[Array], Sequence[Part]],
    reduction: Reduction,
    results: Mapping[str, Array],
    where: str,
    *,
    held: int | None = None,
) -> bool:
    """Reduce all parts at once, on all CPUs; False if the core does not know how to.

    It ends when `current_stop` is set.

    Parameters
    ----------
    parts_of
        Gives the parts that a read into an array would have.
    held
        Bytes of decoded chunks that may be held.

    Raises
    ------
    FileDamaged, FileMissing
        As `read_parts` does.
    """
    if not can_reduce(reduction.dtype, reduction.operations, reduction.count):
        return False
    first = np.empty(reduction.shape, np.int8)  # says where things are, never touched
    parts = [part for part in parts_of(reduction.spread(first)) if part.out.size]
    if sum(part.out.size for part in parts) < reduction.selection.size:
        return False  # no source is mapped to some, which are the fill value then
    given = [(part.table, part.axes, part.out) for part in parts]
    nbytes = reduction.selection.size * reduction.dtype.itemsize
    try:
        _, _, overflowed = reduce_parts_into(
            given, results, reduction.dtype, reduction.count,
            first=first, held=held, stop=current_stop.get(),
            direct=is_beyond_memory(nbytes),
        )  # fmt: skip
    except ReadFailure as failure:
        raise in_words(failure, parts, where) from failure
    if overflowed:
        raise overflow(reduction)
    for part in parts:
        if part.blocks:
            part.blocks.keep()
    return True

"""Reductions by the compiled core: chunks are decoded and added up in one go."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.native._core import ChunkTable, Stop, reduce_parts

__all__ = ["can_reduce", "reduce_parts_into"]

Array = npt.NDArray[Any]
Axis = tuple[int, int, int] | Sequence[int]
# a table, the positions per axis, and a view of the first result: strides of 0 along
# the axes that are reduced
Part = tuple[ChunkTable, Sequence[Axis], Array]

# decoded chunks that are held at a time, if they can only be decoded whole
HELD_BYTES = 16 << 20
# squares of so many numbers of 16 bits are counted exactly
_MOST_SQUARES = 1 << 31


def can_reduce(dtype: np.dtype[Any], operations: Sequence[str], count: int) -> bool:
    """Whether the core does these operations with so many numbers per result."""
    if "var" in operations and count >= _MOST_SQUARES:
        return False
    return dtype.kind == "b" or (dtype.kind in "iuf" and dtype.itemsize <= 8)  # noqa: PLR2004


def reduce_parts_into(
    parts: Sequence[Part],
    results: Mapping[str, Array],
    dtype: np.dtype[Any],
    count: int,
    *,
    first: Array,
    held: int | None = None,
    stop: Stop | None = None,
    direct: bool = False,
) -> tuple[int, int, bool]:
    """Reduce selections of tables, on all CPUs, without the GIL.

    Parameters
    ----------
    parts
        Each a table, the positions per axis, and the place of the numbers: a view
        of *first* as broadcast along the axes that are reduced.
    results
        By operation: new C-contiguous arrays of one shape. "min" and "max" have the
        dataset's type in this machine's byte order, the others 8 bytes.
    dtype
        Of the numbers in the file.
    count
        Numbers behind each element of the results.
    first
        An array of the results' shape that only says where things are.
    held
        Bytes of decoded chunks that may be held.
    stop
        Ends it from another thread.
    direct
        As in `read_parts_into`.

    Returns
    -------
    :
        Bytes read, bytes decoded, and whether an exact sum did not fit 64 bits.

    Raises
    ------
    ReadFailure
        As `read_parts_into` does.
    """
    shape = first.shape or (1,)
    arrays = {name: _checked(array, shape) for name, array in results.items()}
    wide = dtype.kind in "iu" and dtype.itemsize == 8  # noqa: PLR2004
    kind = f"{'u' if dtype.kind == 'b' else dtype.kind}{dtype.itemsize}"
    if wide and "sum" not in results:
        kind = f"rough {kind}"
    sums = arrays.get("sum", arrays.get("mean"))
    if sums is None and "var" in arrays:
        sums = np.zeros(shape)
    # numpy's halves are added up in single precision, and come back exactly
    extremes = {name: arrays.get(name) for name in ("min", "max")}
    if dtype.kind == "f" and dtype.itemsize == 2:  # noqa: PLR2004
        extremes = {
            name: None if array is None else np.empty(shape, np.float32)
            for name, array in extremes.items()
        }
    order = (sums, *extremes.values(), arrays.get("var"), arrays.get("mean"))
    at = first.__array_interface__["data"][0]
    given = [_part(part, at, first.dtype.itemsize) for part in parts]
    found = reduce_parts(
        given,
        list(shape),
        kind,
        not dtype.isnative,
        tuple(0 if a is None else a.__array_interface__["data"][0] for a in order),
        count,
        HELD_BYTES if held is None else held,
        stop,
        direct,
    )
    for name, array in extremes.items():
        if array is not None and array is not arrays[name]:
            arrays[name][...] = array
    return found


def _part(part: Part, at: int, itemsize: int) -> Any:
    table, axes, view = part
    start = view.__array_interface__["data"][0] - at
    strides = [s // itemsize for s in view.strides]
    return table, list(axes), start // itemsize, strides


def _checked(array: Array, shape: tuple[int, ...]) -> Array:
    if not array.flags.c_contiguous or not array.flags.writeable:
        raise ValueError("a result must be C-contiguous and writable")
    if array.size != math.prod(shape):
        raise ValueError(f"a result has shape {array.shape}, not {shape}")
    return array

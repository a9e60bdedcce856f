"""An object with its points at other places: values, mask, positions, axes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from daisy_kernel.model import Axis, DataObject, Dataset
from daisy_kernel.model.errors import NotAligned
from daisy_kernel.model.gathered import GatheredArray, Table, gathered
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.text import format_bytes

# a mask of more bytes is not made, but refused
_LARGEST = 256 << 20


def placed(
    found: DataObject, table: Table, axes: tuple[Axis, ...], depth: int, note: str = ""
) -> DataObject:
    """Give an object whose point *table[i]* is at place *i*.

    Parameters
    ----------
    table
        Number of the point at each place, -1 where it is absent: such values are NaN,
        or 0 of whole numbers, and masked.
    axes
        One per axis of the table.
    depth
        How many first axes of the object the points have.
    """
    rest = found.axes[depth:]
    if is_as_it_was(table, found.shape[:depth]):
        own = found.axes[:depth]
        if all(is_same_axis(a, b) for a, b in zip(axes, own, strict=True)):
            return found
        return replace(found, axes=(*axes, *rest))
    absent = np.asarray(table < 0)
    notes = [note] if note else []
    if absent.any():
        where = ", ".join(axis.name for axis in axes)
        notes.append(f"{int(absent.sum())} of {table.size} places ({where}) are absent")
    return replace(
        found,
        data=_values(found.data, table, depth),
        axes=(*axes, *rest),
        mask=_mask(found, table, depth),
        positions={
            name: replace(axis, values=_positions(axis, found, table, depth))
            for name, axis in found.positions.items()
        },
        origin=replace(found.origin, identity=""),  # it is not the same any more
        notes=(*found.notes, *notes),
    )


def is_as_it_was(table: Table, shape: tuple[int, ...]) -> bool:
    """Whether every point stays at its place."""
    return table.shape == shape and np.array_equal(
        table.reshape(-1), np.arange(table.size)
    )


def _values(data: Array | Dataset, table: Table, depth: int) -> Array | Dataset:
    if not isinstance(data, Dataset):
        return gathered(data.reshape(-1, *data.shape[depth:]), table)
    rows = _rows(table, data.shape[:depth])
    if rows is not None:
        return data.take(rows)
    return Dataset(GatheredArray(data.source, table, depth))


def _rows(table: Table, shape: tuple[int, ...]) -> Table | None:
    """Give positions of the first axis, if the others are as they were."""
    if table.shape[1:] != shape[1:] or (table < 0).any() or not table.size:
        return None
    inside = int(np.prod(shape[1:], dtype=int))
    flat = table.reshape(len(table), inside)
    rows = flat[:, 0] // inside
    whole = rows[:, None] * inside + np.arange(inside)
    return rows if np.array_equal(flat, whole) else None


def _mask(found: DataObject, table: Table, depth: int) -> Array | None:
    absent, mask = np.asarray(table < 0), found.mask
    behind = found.ndim - depth
    apart = absent.reshape(*table.shape, *(1,) * behind)
    if mask is None:
        return apart if absent.any() else None
    if mask.ndim <= behind:
        return _both(apart, mask) if absent.any() else mask
    whole = mask.reshape(*(1,) * (found.ndim - mask.ndim), *mask.shape)
    points = np.broadcast_to(whole, (*found.shape[:depth], *whole.shape[depth:]))
    return gathered(points.reshape(-1, *whole.shape[depth:]), table, fill=True)


def _both(apart: Array, mask: Array) -> Array:
    """Mask points and pixels, which together are as many as all values."""
    shape = np.broadcast_shapes(apart.shape, mask.shape)
    if math.prod(shape) > _LARGEST:
        raise NotAligned(
            f"data with a mask of shape {mask.shape}",
            f"absent points would need a mask of shape {shape}, which is "
            f"{format_bytes(math.prod(shape))}. Use how='common', or put the object "
            "without its mask",
        )
    return apart | mask


def _positions(axis: Axis, found: DataObject, table: Table, depth: int) -> Array:
    values = np.asarray(axis.values)
    if values.ndim < depth:
        ones = (1,) * (depth - values.ndim)
        values = np.broadcast_to(
            values.reshape(values.shape + ones), found.shape[:depth]
        )
    if (table < 0).any() and values.dtype.kind not in "fc":
        values = values.astype(np.float64)
    return gathered(values.reshape(-1, *values.shape[depth:]), table)


def is_same_axis(a: Axis, b: Axis) -> bool:
    """Whether two axes have the same name, values and units."""
    if a is b:
        return True
    values = (a.values is None) == (b.values is None) and (
        a.values is None or np.array_equal(a.values, np.asarray(b.values))
    )
    return bool(values) and (a.name, a.units) == (b.name, b.units)

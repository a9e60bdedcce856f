"""What is known of a data object before it is made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from daisy_kernel.model import Axis, DataObject, Quantity
from daisy_kernel.model.errors import InputMissing
from daisy_kernel.model.text import describe_array


@dataclass(frozen=True, eq=False)
class Spec:
    """Type, axes and units of a data object.

    Attributes
    ----------
    shape
        None if only the algorithm knows, once it has run.
    axes
        As many as the shape has; empty if that is not known.
    chunks
        Of the file behind it.
    partly
        Whether a part of a chunk is read without decoding all of it.
    mask, positions
        As in `DataObject`.
    """

    shape: tuple[int, ...] | None
    dtype: np.dtype[Any] | None
    axes: tuple[Axis, ...] = ()
    units: str = ""
    geometry: Mapping[str, Quantity] = field(default_factory=dict)
    chunks: tuple[int, ...] | None = None
    partly: bool = False
    mask: Any = None
    positions: Mapping[str, Axis] = field(default_factory=dict)

    @classmethod
    def of(cls, found: DataObject) -> Spec:
        """Describe what is there."""
        data: Any = found.data
        chunks = data.chunks if found.is_lazy else None
        packed = chunks and "bitshuffle" not in str(data.filters)
        return cls(
            found.shape,
            found.dtype,
            found.axes,
            found.units,
            found.geometry,
            chunks,
            not packed,
            found.mask,
            found.positions,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes, "" where one has none."""
        return tuple(axis.name for axis in self.axes)

    @property
    def nbytes(self) -> int:
        """Bytes in memory; 0 if not known."""
        if self.shape is None or self.dtype is None:
            return 0
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        if self.shape is None:
            return "an object whose shape is not known before it is made"
        names = ", ".join(name or "?" for name in self.names)
        what = describe_array(self.shape, self.dtype) if self.dtype else str(self.shape)
        return f"({names}) {what}" + (f" in {self.units}" if self.units else "")


def part_of(found: DataObject | Spec, name: str, whole: str) -> DataObject:
    """Give values of an axis, a number of the geometry, or the mask as an object.

    Parameters
    ----------
    name
        Of the axis or number.
    whole
        Name of the object, for the message.

    Raises
    ------
    InputMissing
        The object has neither; the message says what it has.
    """
    for axis in found.axes:
        if axis.name == name and axis.values is not None:
            own = (Axis(name),) if axis.values.ndim == 1 else ()
            return DataObject(axis.values, own, axis.units)
    if name == "mask" and found.mask is not None:
        return DataObject(found.mask, tuple(found.axes[-found.mask.ndim :]))
    if name in found.positions:
        place = found.positions[name]
        values = np.asarray(place.values)
        return DataObject(values, found.axes[: values.ndim], place.units)
    if name in found.geometry:
        quantity = found.geometry[name]
        return DataObject(np.asarray(quantity.value), (), quantity.units)
    known = [a.name for a in found.axes if a.values is not None]
    known += [*found.positions, *found.geometry]
    raise InputMissing(
        f"{whole} has no values for {name!r}. It has: {', '.join(known) or 'none'}."
    )

"""What is to be written, whatever the format: numbers in blocks, units, axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.model import Axis, Dataset
from daisy_kernel.model.errors import ParameterRefused, ShapeMismatch
from daisy_kernel.model.volume import Volume

Array = npt.NDArray[Any]
Axes = Mapping[str, Any] | Sequence[str | Axis | None]
# in memory at a time, of a dataset that is copied
_MEMORY = 256 << 20
# chunks of lines and images, which have no frames to go by
_CHUNK = 4 << 20
_FRAMES = 3


@dataclass(frozen=True)
class Content:
    """A signal with its axes.

    Attributes
    ----------
    data
        The array itself, if it is one of dask.
    blocks
        Makes the blocks along the first axis, one after the other.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    units: str
    axes: tuple[Axis, ...]
    data: Any
    blocks: Callable[[], Iterable[Array]]

    @property
    def axis_names(self) -> list[str]:
        """Names as NXdata lists them."""
        return [axis.name or "." for axis in self.axes]


def content_of(data: Any, units: str | None, axes: Axes | None) -> Content:
    """Describe an array, a Dataset, a Volume or a dask array."""
    if isinstance(data, Volume):
        units = data.units if units is None else units
        axes = _of_voxels(data) if axes is None else axes
        data = data.data
    if isinstance(data, Dataset):
        units = data.units if units is None else units
    elif not is_dask(data):
        data = np.asarray(data)
    shape = tuple(data.shape)
    if any(math.isnan(size) for size in shape):
        raise ParameterRefused(
            "the array does not know its shape: call its compute_chunk_sizes()"
        )
    return Content(
        shape,
        np.dtype(data.dtype),
        units or "",
        _axes(axes, shape),
        data,
        lambda: _blocks(data),
    )


def is_dask(data: Any) -> bool:
    """Whether this is a dask array, without importing dask."""
    return hasattr(data, "__dask_graph__") and hasattr(data, "numblocks")


def frame_chunks(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...] | None:
    """One frame per chunk: that is how stacks are looked at."""
    if not shape or 0 in shape:
        return None
    if len(shape) >= _FRAMES:
        return (1, *shape[1:])
    line = math.prod(shape[1:]) * itemsize
    return (max(1, min(shape[0], _CHUNK // line)), *shape[1:])


def _blocks(data: Any) -> Iterator[Array]:
    if isinstance(data, Dataset) and data.ndim:
        for _, block in data.blocks(memory=_MEMORY):
            yield block
    else:
        yield np.asarray(data)


def _axes(axes: Axes | None, shape: tuple[int, ...]) -> tuple[Axis, ...]:
    if axes is None:
        return (Axis(),) * len(shape)
    if isinstance(axes, Mapping):
        made = tuple(_axis(name, value) for name, value in axes.items())
    else:
        made = tuple(a if isinstance(a, Axis) else Axis(a or "") for a in axes)
    if len(made) != len(shape):
        raise ShapeMismatch("axes", f"{len(made)} are named for data of shape {shape}")
    for axis, size in zip(made, shape, strict=True):
        if axis.values is not None and axis.values.shape not in {(size,), (size + 1,)}:
            raise ShapeMismatch(
                f"the axis {axis.name}",
                f"has shape {axis.values.shape}, the data {shape}",
            )
    return made


def _axis(name: str, value: Any) -> Axis:
    """Take values, values with their unit, a Dataset, or None."""
    if value is None:
        return Axis(name)
    units = ""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):  # noqa: PLR2004
        value, units = value
    if isinstance(value, Dataset):
        units = units or value.units or ""
    return Axis(name, np.asarray(value), units)


def _of_voxels(volume: Volume) -> dict[str, Any] | None:
    """Give positions in metres, if the size of a voxel is known."""
    names = ["z", "y", "x"][-volume.ndim :]
    if volume.pixel_size is None or len(names) != volume.ndim:
        return None
    return {
        name: (volume_axis(volume, name, size), "m")
        for name, size in zip(names, volume.shape, strict=True)
    }


def volume_axis(volume: Volume, name: str, size: int) -> Array:
    """Positions along an axis of a volume in metres; x and y around the middle."""
    first = int(volume.parameters.get("first_row", 0))
    start = first if name == "z" else -(size - 1) / 2
    positions: Array = (np.arange(size) + start) * (volume.pixel_size or 1)
    return positions

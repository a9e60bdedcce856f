"""Data objects: an array with what it means, in memory or still in its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.model.dataset import Dataset
from daisy_kernel.model.errors import ShapeMismatch
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.text import describe_array
from daisy_kernel.model.volume import Volume

AxesLike = str | Sequence["str | Axis"] | Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Axis:
    """What belongs to one axis of an array; an empty name says nothing.

    Attributes
    ----------
    values
        Positions, shape (n,), or edges of bins, shape (n + 1,); None if not known.
    units
        Of the values.
    """

    name: str = ""
    values: Array | None = None
    units: str = ""


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, like the size of a pixel."""

    value: float
    units: str = ""

    def __str__(self) -> str:
        return f"{self.value:g} {self.units}".strip()


@dataclass(frozen=True)
class Origin:
    """Where a data object comes from.

    Attributes
    ----------
    source
        File and path in it, for what was read.
    algorithm
        Name of the algorithm that made it.
    parameters
        Of the algorithm; plain numbers, text and lists.
    inputs
        Names of the objects it was made from.
    identity
        The same for the same content made in the same way; empty if not known.
    """

    source: str = ""
    algorithm: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    identity: str = ""


@dataclass(frozen=True, eq=False)
class DataObject:
    """An array with axes, units, geometry, mask, and where it came from.

    Attributes
    ----------
    data
        An array, or a Dataset, of which nothing is read before it is needed.
    axes
        One per axis of the data, slow to fast.
    units
        Of the values; "" if they have none or it is not known.
    geometry
        Of the measurement, by NeXus' names: x_pixel_size, distance, energy, ...
    mask
        True where a value is no data. Its shape is that of the last axes, or goes with
        it as numpy broadcasts: (row, column, 1) masks points of a map with spectra.
    origin
        Where it came from.
    positions
        By name, what encoders have read: values of the shape of the first axes, like
        x and y of (row, column), or of (point,).
    notes
        What was corrected or assumed on the way.
    misfits
        Shapes, by name, of axes that are said to belong to the data and do not.
    """

    data: Array | Dataset
    axes: tuple[Axis, ...] = ()
    units: str = ""
    geometry: Mapping[str, Quantity] = field(default_factory=dict)
    mask: npt.NDArray[np.bool_] | None = None
    origin: Origin = Origin()
    positions: Mapping[str, Axis] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    misfits: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.axes:
            object.__setattr__(self, "axes", (Axis(),) * self.ndim)
        _check_axes(self.axes, self.shape)
        if self.mask is not None and not _is_end_of(self.mask.shape, self.shape):
            raise ShapeMismatch(
                "the mask", f"has shape {self.mask.shape}, the data {self.shape}"
            )
        _check_positions(self.positions, self.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the data, slow to fast."""
        return tuple(self.data.shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        return self.data.dtype

    @property
    def nbytes(self) -> int:
        """Bytes in memory, if read whole."""
        return int(self.data.nbytes)

    @property
    def is_lazy(self) -> bool:
        """Whether the values are still in a file."""
        return isinstance(self.data, Dataset)

    @property
    def axis_names(self) -> tuple[str, ...]:
        """Names of the axes; empty where one has none."""
        return tuple(axis.name for axis in self.axes)

    def read(self, selection: Any = ()) -> Array:
        """Give values as an array; see `Dataset.read`."""
        if isinstance(self.data, Dataset):
            return self.data.read(selection)
        return np.asarray(self.data[selection])

    def with_data(self, data: Array | Dataset) -> DataObject:
        """Give the same object with other values of the same shape."""
        return replace(self, data=data)

    def __getitem__(self, index: Any) -> Any:
        return self.read(index)[()]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.read(), dtype=dtype)

    def __len__(self) -> int:
        return self.shape[0] if self.shape else 0

    def __repr__(self) -> str:
        names = ", ".join(name or "?" for name in self.axis_names)
        what = describe_array(self.shape, self.dtype)
        units = f", {self.units}" if self.units else ""
        lazy = ", in its file" if self.is_lazy else ""
        return f"<DataObject ({names}) {what}{units}{lazy}>"

    def _repr_html_(self) -> str:
        from daisy_kernel.model.html import data_html

        return data_html(self)


def data_object(
    data: Any,
    *,
    axes: AxesLike | None = None,
    units: str | None = None,
    geometry: Mapping[str, Quantity] | None = None,
    mask: npt.NDArray[np.bool_] | None = None,
    source: str = "",
) -> DataObject:
    """Make a data object of an array, a number, a Dataset or a Volume.

    Parameters
    ----------
    data
        A Dataset stays in its file, and gives its units and the names of its axes. Of
        a data object, what is given beside it is replaced.
    axes
        Names, slow to fast, as a list or like "angle row column"; or their values by
        name: an array, (array, unit), or None for a name alone.
    units, geometry, mask
        See `DataObject`.
    source
        Where it came from; the Dataset's own place by default.

    Raises
    ------
    ShapeMismatch
        Axes or mask do not belong to the data.

    Examples
    --------
    >>> data_object(np.zeros((2, 3, 4)), axes="angle row column", units="counts")
    <DataObject (angle, row, column) 2 x 3 x 4 float64, counts>
    """
    if isinstance(data, Volume):
        data = _of_volume(data)
    if isinstance(data, DataObject):
        return _replaced(data, axes, units, geometry, mask, source)
    if isinstance(data, Dataset):
        source = source or f"{data.file}: {data.path}"
        units = data.units if units is None else units
        axes = [name or "" for name in data.axes] if axes is None else axes
    else:
        data = np.asarray(data)
    return DataObject(
        data,
        _axes(axes),
        units or "",
        dict(geometry or {}),
        mask,
        Origin(source),
    )


def _replaced(
    found: DataObject,
    axes: AxesLike | None,
    units: str | None,
    geometry: Mapping[str, Quantity] | None,
    mask: npt.NDArray[np.bool_] | None,
    source: str,
) -> DataObject:
    given: dict[str, Any] = {
        "axes": None if axes is None else _axes(axes),
        "units": units,
        "geometry": None if geometry is None else dict(geometry),
        "mask": mask,
        "origin": replace(found.origin, source=source) if source else None,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    return replace(found, **changes) if changes else found


def _axes(axes: AxesLike | None) -> tuple[Axis, ...]:
    if axes is None:
        return ()
    if isinstance(axes, str):
        axes = axes.split()
    if isinstance(axes, Mapping):
        return tuple(_axis(name, value) for name, value in axes.items())
    return tuple(a if isinstance(a, Axis) else Axis(a) for a in axes)


def _axis(name: str, value: Any) -> Axis:
    units = ""
    if isinstance(value, tuple):
        value, units = value
    return Axis(name, None if value is None else np.asarray(value), units)


def _check_axes(axes: Iterable[Axis], shape: tuple[int, ...]) -> None:
    named = tuple(axes)
    if len(named) != len(shape):
        names = ", ".join(axis.name or "?" for axis in named)
        raise ShapeMismatch(
            "the axes", f"{len(named)} are named ({names}) for data of shape {shape}"
        )
    for axis, size in zip(named, shape, strict=True):
        if axis.values is not None and axis.values.shape not in {(size,), (size + 1,)}:
            raise ShapeMismatch(
                f"the axis {axis.name}",
                f"has values of shape {axis.values.shape}, the data are {shape}",
            )


def _is_end_of(mask: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    last = shape[max(0, len(shape) - len(mask)) :]
    return len(mask) <= len(shape) and all(
        size in (1, whole) for size, whole in zip(mask, last, strict=True)
    )


def _check_positions(positions: Mapping[str, Axis], shape: tuple[int, ...]) -> None:
    for name, axis in positions.items():
        found = () if axis.values is None else axis.values.shape
        if not found or found != shape[: len(found)]:
            raise ShapeMismatch(
                f"the positions {name}",
                f"have shape {found}, the data {shape}: not that of its first axes",
            )


def _of_volume(volume: Volume) -> DataObject:
    names = ("z", "y", "x")[-volume.ndim :] if volume.ndim else ()
    named = (Axis(),) * (volume.ndim - len(names)) + tuple(Axis(n) for n in names)
    geometry = {}
    if volume.pixel_size is not None:
        geometry["pixel_size"] = Quantity(volume.pixel_size, "m")
    return DataObject(
        volume.data,
        named,
        volume.units,
        geometry,
        origin=Origin(volume.source, volume.process, volume.parameters),
        notes=volume.notes,
    )

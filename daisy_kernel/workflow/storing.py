"""What of a data object beside its numbers goes into a file, and comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from daisy_kernel.model import Axis, DataObject, Dataset, Origin, Quantity
from daisy_kernel.workflow.spec import Spec


def description(found: DataObject | Spec) -> dict[str, Any]:
    """Describe an object as JSON can hold it."""
    made: dict[str, Any] = {
        "axes": [_axis(axis) for axis in found.axes],
        "units": found.units,
        "geometry": {k: [q.value, q.units] for k, q in found.geometry.items()},
    }
    if isinstance(found, DataObject) and found.mask is not None:
        made["mask"] = np.flatnonzero(found.mask).tolist()
        made["mask_shape"] = list(found.mask.shape)
    return made


def described(
    data: Dataset, given: Mapping[str, Any], origin: Origin | None = None
) -> DataObject:
    """Make an object of numbers and their description."""
    axes = tuple(_read_axis(axis) for axis in given["axes"])
    geometry = {k: Quantity(*pair) for k, pair in given["geometry"].items()}
    mask = None
    if "mask" in given:
        flat = np.zeros(int(np.prod(given["mask_shape"])), bool)
        flat[given["mask"]] = True
        mask = flat.reshape(given["mask_shape"])
    whole = axes if len(axes) == data.ndim else ()
    return DataObject(
        data, whole, given["units"], geometry, mask, origin=origin or Origin()
    )


def _axis(axis: Axis) -> dict[str, Any]:
    if axis.values is None:
        return {"name": axis.name}
    values = np.asarray(axis.values)
    return {
        "name": axis.name,
        "values": values.tolist(),
        "type": values.dtype.str,
        "units": axis.units,
    }


def _read_axis(given: Mapping[str, Any]) -> Axis:
    if "values" not in given:
        return Axis(given["name"])
    values = np.array(given["values"], np.dtype(given["type"]))
    return Axis(given["name"], values, given["units"])

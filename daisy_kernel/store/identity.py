"""Identity of a data object: the same for the same content, wherever that lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from daisy_kernel.io.identity import identity
from daisy_kernel.io.tracing import digest
from daisy_kernel.model import DataObject, Dataset


def identity_of(found: DataObject) -> str:
    """Give the identity of an object: its origin's, else what its content says.

    Of a dataset that is what its files are like; an array is looked at whole.

    Raises
    ------
    DataError
        A file is gone or damaged, as for `read`.
    """
    if found.origin.identity:
        return found.origin.identity
    data = found.data
    content: Any
    content = identity(data).digest if isinstance(data, Dataset) else np.asarray(data)
    axes = [(axis.name, axis.values, axis.units) for axis in found.axes]
    geometry = sorted((k, q.value, q.units) for k, q in found.geometry.items())
    read = sorted(
        (name, digest(axis.name, axis.values, axis.units))
        for name, axis in found.positions.items()
    )
    return digest(
        "object", content, axes, found.units, geometry, found.mask, read
    ).hex()

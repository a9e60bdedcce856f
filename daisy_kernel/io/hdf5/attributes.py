"""Attributes of HDF5 objects, read late and decoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5g, h5i

from daisy_kernel.model.text import decode


def wrap(identifier: Any) -> Any:
    """Give h5py's object for a low-level identifier."""
    if h5i.get_type(identifier) == h5i.DATASET:
        return h5py.Dataset(identifier)
    if isinstance(identifier, h5g.GroupID):
        return h5py.Group(identifier)
    return h5py.Datatype(identifier)


class Attributes(Mapping[str, Any]):
    """Attributes with text as str; an unreadable one is a text that says so."""

    def __init__(self, identifier: Any) -> None:
        self._id = identifier

    def __getitem__(self, name: str) -> Any:
        if not h5a.exists(self._id, name.encode()):
            raise KeyError(name)
        try:
            return _decoded(wrap(self._id).attrs[name])
        except (OSError, TypeError, ValueError, KeyError, UnicodeError):
            return _raw(self._id, name)

    def __iter__(self) -> Iterator[str]:
        count = range(len(self))
        return iter([decode(h5a.open(self._id, index=i).name) for i in count])

    def __len__(self) -> int:
        return int(h5a.get_num_attrs(self._id))


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return decode(value)
    if isinstance(value, str):
        return decode(value.encode("utf-8", "surrogateescape"))
    if isinstance(value, h5py.Empty):
        return ""
    if isinstance(value, np.ndarray) and value.dtype.kind in "SO":
        flat = [_decoded(item) for item in value.reshape(-1).tolist()]
        return np.array(flat, dtype=object).reshape(value.shape)
    return value


def _raw(identifier: Any, name: str) -> Any:
    """Read text whose declared character set is wrong, as Latin-1."""
    try:
        attribute = h5a.open(identifier, name.encode())
        if attribute.get_type().get_class() != h5py.h5t.STRING:
            raise TypeError
        buffer = np.empty(attribute.shape, attribute.dtype)
        attribute.read(buffer)
        return _decoded(buffer[()])
    except (OSError, TypeError, ValueError, KeyError, RuntimeError):
        return "(not readable)"

"""Read by HDF5 itself what the core does not know: always right, never fast.

Large reads go to processes, because HDF5 does one thing at a time in each.
"""

from __future__ import annotations

import h5py
import numpy as np

from daisy_kernel.io.hdf5.walk import Place
from daisy_kernel.io.reading import Location, Plan, can_be_sent, read_in_workers
from daisy_kernel.io.reading.worker import WorkersUnavailable
from daisy_kernel.model.errors import DataError, FileDamaged
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.text import decode

# below this, asking another process costs more than it saves
_LARGE = 8 << 20


def read_by_hdf5(
    dataset: h5py.Dataset, place: Place, made: Plan, out: Array, where: str
) -> Array:
    """Carry out a plan; gives *out*, or another array where that is text.

    Raises
    ------
    FileDamaged
        HDF5 cannot read it, with its own words.
    """
    try:
        if not dataset.shape or dataset.dtype.kind == "O":
            return _read_text(dataset, made, out)
        if made.decoded_bytes >= _LARGE and _can_move(dataset):
            location = Location(
                place.file.resolve(), dataset.name, dataset.dtype, dataset.chunks, where
            )
            try:
                read_in_workers(location, made.pieces, out)
                return out
            except WorkersUnavailable:
                pass
        _read_here(dataset, made, out)
    except DataError:  # from another process, and as clear as can be
        raise
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise FileDamaged(where, f"cannot be read: {error}") from error
    return out


def _can_move(dataset: h5py.Dataset) -> bool:
    """Whether another process finds the same: not where paths depend on how."""
    return can_be_sent(dataset.dtype) and bool(dataset.name) and not dataset.external


def _read_here(dataset: h5py.Dataset, made: Plan, out: Array) -> None:
    direct = out.flags.c_contiguous
    buffer = out if direct else np.empty(made.shape, dataset.dtype)
    for piece in made.pieces:
        dataset.read_direct(buffer, piece.source, piece.target)
    if not direct:
        out[...] = buffer


def _read_text(dataset: h5py.Dataset, made: Plan, out: Array) -> Array:
    if dataset.shape is None:  # the "null" dataspace: declared, empty
        return out
    if not dataset.shape:
        found = np.asarray(dataset[()], dtype=object if out.dtype.kind == "O" else None)
        return _decoded(dataset, found).reshape(made.shape)
    found = np.empty(made.shape, out.dtype)
    for piece in made.pieces:
        found[piece.target] = dataset[piece.source]
    return _decoded(dataset, found)


def _decoded(dataset: h5py.Dataset, found: Array) -> Array:
    if h5py.check_ref_dtype(dataset.dtype) is h5py.Reference:
        names = [_target(dataset, reference) for reference in found.reshape(-1)]
        return np.array(names, object).reshape(found.shape)
    if h5py.check_string_dtype(dataset.dtype) and found.dtype.kind == "O":
        flat = [decode(v) if isinstance(v, bytes) else v for v in found.reshape(-1)]
        decoded = np.empty(len(flat), object)
        decoded[:] = flat
        return decoded.reshape(found.shape)
    return found


def _target(dataset: h5py.Dataset, reference: h5py.Reference) -> str:
    """Name what a reference points to; "" if nothing, as a file may say."""
    if not reference:
        return ""
    try:
        name = h5py.h5r.get_name(reference, dataset.id)
    except (RuntimeError, ValueError, KeyError):
        return "(an object that is gone)"
    return decode(name) if name else "(an object without a name)"

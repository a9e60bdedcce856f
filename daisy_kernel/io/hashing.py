"""Hash of all values of a dataset: two files with the same numbers have the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.recfunctions import repack_fields

from daisy_kernel.io.tracing import digest
from daisy_kernel.model import Dataset
from daisy_kernel.model.nodes import Array


def full_hash(
    dataset: Dataset,
    progress: Callable[[int, int], None] | None = None,
    memory: str | int = "256 MiB",
) -> str:
    """Read a dataset, and hash shape, type and values, whatever its chunks are.

    Parameters
    ----------
    progress
        Called with positions of the first axis: those done, and all.
    memory
        Most bytes to hold at a time, as a number or like "256 MiB".

    Returns
    -------
    :
        64 hexadecimal characters.

    Raises
    ------
    FileDamaged, FileMissing, SourceMissing
        A part cannot be read.
    """
    found = hashlib.blake2b(digest_size=32)
    found.update(digest(dataset.shape, repr(_plain(dataset.dtype))))
    if not dataset.ndim:
        found.update(_bytes(dataset.read()))
        return found.hexdigest()
    done = 0
    for _, block in dataset.blocks(axis=0, memory=memory) if dataset.size else ():
        found.update(_bytes(block))
        done += len(block)
        if progress:
            progress(done, len(dataset))
    return found.hexdigest()


def _plain(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give a type with the lowest byte first, and without gaps between fields."""
    if dtype.names:
        dtype = repack_fields(dtype, recurse=True)
    return dtype.newbyteorder("<")


def _bytes(block: Array) -> Any:
    if block.dtype.hasobject:
        return b"".join(digest(value) for value in block.reshape(-1).tolist())
    plain = np.ascontiguousarray(block, _plain(block.dtype))
    return plain.reshape(-1).view(np.uint8).data

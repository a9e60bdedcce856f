"""The read engine: tables of chunks, and reads that fill arrays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.native._core import (
    ChunkTable,
    ReadFailure,
    Stop,
    limit_workers,
    read_parts,
    workers,
)

__all__ = [
    "ChunkTable",
    "ReadFailure",
    "Stop",
    "block_index",
    "chunk_table",
    "limit_workers",
    "read_parts_into",
    "set_block_index",
    "workers",
]

Array = npt.NDArray[Any]
Axis = tuple[int, int, int] | Sequence[int]
Part = tuple[ChunkTable, Sequence[Axis], Array]
# path, then inode, size and modification time (ns), zero where any will do
File = tuple[str | Path, int, int, int]
Filter = tuple[str, Sequence[int]]


def chunk_table(
    files: Sequence[File],
    shape: Sequence[int],
    chunk: Sequence[int],
    dtype: np.dtype[Any],
    cells: npt.ArrayLike,
    offsets: npt.ArrayLike,
    sizes: npt.ArrayLike,
    *,
    filters: Sequence[Filter] = (),
    fill: bytes = b"",
    padded: bool = True,
    file_numbers: npt.ArrayLike | None = None,
    masks: npt.ArrayLike | None = None,
) -> ChunkTable:
    """Make a table of where the chunks of a dataset are.

    Parameters
    ----------
    files
        The files that hold chunks.
    shape, chunk
        Of the dataset, and of one chunk, slow to fast.
    cells
        Number of each stored chunk in the grid of all, in C order.
    offsets, sizes
        Where each stored chunk begins in its file, and its stored bytes.
    filters
        In the order of writing, with their numbers.
    fill
        One element, for chunks that are not stored; zeros by default.
    padded
        Whether chunks at the edges are stored in full size.
    file_numbers, masks
        Per stored chunk: its file, and the filters that were left out.
    """
    cells = np.ascontiguousarray(cells, np.uint64)
    zeros = np.zeros(len(cells), np.uint32)
    return ChunkTable(
        [(str(path), inode, size, time) for path, inode, size, time in files],
        [int(n) for n in shape],
        [int(n) for n in chunk],
        dtype.itemsize,
        padded,
        [(name, [int(v) for v in values]) for name, values in filters],
        list(fill or bytes(dtype.itemsize)),
        cells,
        zeros if file_numbers is None else np.ascontiguousarray(file_numbers, "u4"),
        np.ascontiguousarray(offsets, np.uint64),
        np.ascontiguousarray(sizes, np.uint64),
        zeros if masks is None else np.ascontiguousarray(masks, np.uint32),
    )


def read_parts_into(
    parts: Sequence[Part], stop: Stop | None = None, *, direct: bool = False
) -> tuple[int, int]:
    """Read selections of tables into arrays, on all CPUs, without the GIL.

    Parameters
    ----------
    parts
        Each a table, the positions per axis as (start, count, step) or as a rising
        list, and the array that they go to, of that shape and any strides.
    stop
        Ends the read from another thread.
    direct
        Whether unfiltered data that the kernel has not cached are read past its cache.

    Returns
    -------
    :
        Bytes read from files, and bytes decoded.

    Raises
    ------
    ReadFailure
        With kind, number of the part, file, first element of the chunk, and why.
    """
    given = []
    for table, axes, array in parts:
        if not array.flags.writeable:
            raise ValueError("the array is read-only")
        address = array.__array_interface__["data"][0]
        given.append(
            (table, list(axes), address, list(array.shape), list(array.strides))
        )
    return read_parts(given, stop, direct)


def block_index(table: ChunkTable) -> tuple[Array, Array, Array]:
    """Give what is known of the blocks: count and size per chunk, and all starts."""
    counts, sizes, starts = table.blocks()
    return (
        np.frombuffer(counts, np.uint32),
        np.frombuffer(sizes, np.uint32),
        np.frombuffer(starts, np.uint32),
    )


def set_block_index(
    table: ChunkTable, counts: Array, sizes: Array, starts: Array
) -> bool:
    """Give a table what `block_index` gave; False if it does not fit."""
    plain = (np.ascontiguousarray(a, np.uint32) for a in (counts, sizes, starts))
    return bool(table.set_blocks(*plain))

"""Where the numbers of an HDF5 dataset lie in its file, as the core wants to know it.

HDF5 is asked once; then its files are read without it. Whatever is not understood
to the last bit is left to HDF5: the reason is given instead of a table.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from h5py import h5d, h5t, h5z

from daisy_kernel.io.hdf5.walk import find_file
from daisy_kernel.io.reading import Stamps, stamp_of
from daisy_kernel.io.reading.block_index import (
    WORTH_KEEPING,
    BlockIndex,
    Identity,
)
from daisy_kernel.native import ChunkTable, chunk_table

_SHUFFLE, _DEFLATE, _FLETCHER32 = 2, 1, 3
_LZF, _LZ4, _ZSTD = 32000, 32004, 32015
BITSHUFFLE = 32008
_PLAIN = {
    _DEFLATE: "deflate", _FLETCHER32: "fletcher32", _LZF: "lzf", _LZ4: "lz4",
    _ZSTD: "zstd",
}  # fmt: skip
_CODECS = {2: "bitshuffle-lz4", 3: "bitshuffle-zstd"}
_PACKING = {_DEFLATE, _LZF, _LZ4, _ZSTD, BITSHUFFLE}
# a contiguous dataset is read in pieces of about this size, one worker each
_PIECE_BYTES = 4 << 20


@dataclass(frozen=True)
class Stored:
    """A dataset for the core, or the reason why not.

    Attributes
    ----------
    strategy
        One phrase: how it lies on disk.
    written
        Positions of the first axis up to the last one whose chunks are all there.
    has_gaps
        Whether chunks before that are missing.
    blocks
        The block index, where there can be one.
    whole
        Shape of chunks that can only be decoded whole.
    stamps
        The files that hold it, when they were looked at.
    """

    table: ChunkTable | None
    strategy: str
    written: int | None = None
    has_gaps: bool = False
    blocks: BlockIndex | None = None
    whole: tuple[int, ...] | None = None
    stamps: Stamps = field(default_factory=dict)


class _LeftToHdf5(Exception):
    """The reason."""


def stored(dataset: h5py.Dataset, path: Path) -> Stored:
    """Look up where a dataset's numbers are.

    Parameters
    ----------
    path
        The file that holds the dataset.
    """
    handle = dataset.file.id.get_vfd_handle()
    # taken before, so that a change meanwhile is seen
    stamp = stamp_of(os.fstat(handle))
    try:
        found = _stored(dataset, path)
        return replace(found, stamps={**found.stamps, path: stamp})
    except _LeftToHdf5 as reason:
        return Stored(None, str(reason), stamps={path: stamp})


def _stored(dataset: h5py.Dataset, path: Path) -> Stored:
    _check_type(dataset)
    properties = dataset.id.get_create_plist()
    layout = properties.get_layout()
    if layout == h5d.CHUNKED:
        return _chunked(dataset, path, properties)
    if layout == h5d.CONTIGUOUS and not dataset.external:
        return _contiguous(dataset, path)
    if layout == h5d.CONTIGUOUS:
        return _external(dataset, path)
    raise _LeftToHdf5("a compact dataset" if layout == h5d.COMPACT else "virtual")


def _check_type(dataset: h5py.Dataset) -> None:
    """Only types whose bytes on disk are numpy's own."""
    if not dataset.shape:
        raise _LeftToHdf5("a single value")
    dtype = dataset.dtype
    if dtype.hasobject:
        raise _LeftToHdf5("values of no fixed size")
    if not dtype.itemsize or dtype.subdtype:
        raise _LeftToHdf5(f"values of type {dtype}")
    kind = dataset.id.get_type()
    if not kind.equal(h5t.py_create(dtype, logical=True)):
        raise _LeftToHdf5("values that have to be converted")


def _chunked(dataset: h5py.Dataset, path: Path, properties: Any) -> Stored:
    shape, chunk, dtype = dataset.shape, dataset.chunks, dataset.dtype
    filters = _filters(properties, dtype)
    rows: list[tuple[int, int, int]] = []
    origins: list[tuple[int, ...]] = []

    def note(info: Any) -> None:
        rows.append((info.byte_offset, info.size, info.filter_mask))
        origins.append(info.chunk_offset)

    dataset.id.chunk_iter(note)
    columns = np.array(rows, np.uint64).reshape(-1, 3)
    origin = np.array(origins, np.int64).reshape(-1, len(shape))
    inside = (origin < np.array(shape)).all(axis=1)  # a dataset may have shrunk
    columns, origin = columns[inside], origin[inside]
    _check_edges(origin, columns, filters, dataset)
    grid = [-(-size // c) for size, c in zip(shape, chunk, strict=True)]
    cells = _cells(origin, chunk, grid)
    table = chunk_table(
        [_file(dataset, path)], shape, chunk, dtype, cells,
        columns[:, 0], columns[:, 1],
        filters=filters, fill=_fill(dataset), masks=columns[:, 2],
    )  # fmt: skip
    names = " + ".join(name for name, _ in filters) or "no filter"
    is_in_blocks = bool(filters) and filters[0][0].startswith("bitshuffle")
    blocks = _blocks(table, dataset, path, columns) if is_in_blocks else None
    written = _written(origin[:, 0], chunk[0], math.prod(grid[1:]))
    expected = written // chunk[0] * math.prod(grid[1:])
    gaps = int((origin[:, 0] < written).sum()) < expected
    whole = None if is_in_blocks or not filters else chunk
    return Stored(table, f"chunks {chunk}, {names}", written, gaps, blocks, whole)


def _written(first: npt.NDArray[np.int64], chunk: int, per_row: int) -> int:
    """Count positions up to the last row of chunks that is complete."""
    counts = np.bincount(first // chunk) if len(first) else np.zeros(1, int)
    complete = np.flatnonzero(counts == per_row)
    return int(complete[-1] + 1) * chunk if per_row and len(complete) else 0


def _blocks(
    table: ChunkTable, dataset: h5py.Dataset, path: Path, columns: npt.NDArray[Any]
) -> BlockIndex | None:
    """Look for a block index, if it is worth it."""
    if columns[:, 1].sum() < WORTH_KEEPING:
        return None
    status = os.fstat(dataset.file.id.get_vfd_handle())
    found = Identity(
        path, status.st_ino, status.st_size, status.st_mtime_ns, columns.tobytes()
    )
    return BlockIndex(table, found)


def _cells(
    origin: npt.NDArray[np.int64], chunk: tuple[int, ...], grid: list[int]
) -> npt.NDArray[np.uint64]:
    cells = np.zeros(len(origin), np.uint64)
    for axis, (size, count) in enumerate(zip(chunk, grid, strict=True)):
        cells *= np.uint64(count)
        cells += (origin[:, axis] // size).astype(np.uint64)
    return cells


def _filters(properties: Any, dtype: np.dtype[Any]) -> list[tuple[str, list[int]]]:
    """Translate the filters; refuse what the core does not undo."""
    found = [properties.get_filter(i) for i in range(properties.get_nfilters())]
    if sum(number in _PACKING for number, *_ in found) > 1:
        raise _LeftToHdf5("compressed twice")
    return [_filter(number, values, dtype) for number, _, values, _ in found]


def _filter(
    number: int, values: tuple[int, ...], dtype: np.dtype[Any]
) -> tuple[str, list[int]]:
    if number in _PLAIN:
        return _PLAIN[number], []
    if number == _SHUFFLE:
        return "shuffle", [values[0] if values else dtype.itemsize]
    if number == BITSHUFFLE:
        # major and minor version, size of an element, size of a block, codec
        size, codec = values[2], values[4] if len(values) > 4 else 0  # noqa: PLR2004
        if codec in _CODECS and size:
            return _CODECS[codec], [size]
        raise _LeftToHdf5("bitshuffle without compression")
    known = h5z.filter_avail(number)
    raise _LeftToHdf5(f"filter {number}" + ("" if known else ", which is not here"))


def _check_edges(
    origin: npt.NDArray[np.int64],
    columns: npt.NDArray[np.uint64],
    filters: list[tuple[str, list[int]]],
    dataset: h5py.Dataset,
) -> None:
    """Leave datasets whose edge chunks may be stored without their filters.

    HDF5 can be told so, but does not say so: a chunk at the edge of just the size
    of a raw chunk is the only sign.
    """
    if not any(name != "shuffle" for name, _ in filters):
        return
    nbytes = math.prod(dataset.chunks) * dataset.dtype.itemsize
    edge = (origin + np.array(dataset.chunks) > np.array(dataset.shape)).any(axis=1)
    raw = (columns[:, 1] == nbytes) & (columns[:, 2] == 0)
    if (edge & raw).any():
        raise _LeftToHdf5("chunks at the edge that seem to be stored unfiltered")


def _contiguous(dataset: h5py.Dataset, path: Path) -> Stored:
    start = dataset.id.get_offset()
    chunk = _pieces(dataset.shape, dataset.dtype.itemsize)
    cells, offsets, sizes = _piece_rows(dataset, chunk, start)
    table = chunk_table(
        [_file(dataset, path)], dataset.shape, chunk, dataset.dtype,
        cells, offsets, sizes, fill=_fill(dataset), padded=False,
    )  # fmt: skip
    return Stored(table, "contiguous")


def _external(dataset: h5py.Dataset, path: Path) -> Stored:
    """Raw numbers in another file. Several files are left to HDF5."""
    if len(dataset.external) != 1:
        raise _LeftToHdf5("raw data in several files")
    name, start, size = dataset.external[0]
    found = find_file(name, path)
    if found is None or size < dataset.size * dataset.dtype.itemsize:
        raise _LeftToHdf5("raw data in another file")
    chunk = _pieces(dataset.shape, dataset.dtype.itemsize)
    cells, offsets, sizes = _piece_rows(dataset, chunk, start)
    stamp = stamp_of(found.stat())
    table = chunk_table(
        [(found, 0, 0, 0)], dataset.shape, chunk, dataset.dtype,
        cells, offsets, sizes, fill=_fill(dataset), padded=False,
    )  # fmt: skip
    return Stored(table, f"contiguous, in {found.name}", stamps={found: stamp})


def _pieces(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Shape of pieces that follow each other in a contiguous dataset."""
    chunk = [max(1, size) for size in shape]
    for axis in range(len(chunk)):
        below = math.prod(chunk[axis + 1 :]) * itemsize
        chunk[axis] = min(chunk[axis], max(1, _PIECE_BYTES // max(1, below)))
        if chunk[axis] > 1 or below <= _PIECE_BYTES:
            break
    return tuple(chunk)


def _piece_rows(
    dataset: h5py.Dataset, chunk: tuple[int, ...], start: int | None
) -> tuple[npt.NDArray[Any], ...]:
    """Cells, offsets and sizes of the pieces; none if nothing was ever written."""
    shape, itemsize = dataset.shape, dataset.dtype.itemsize
    if start is None or not dataset.size:
        empty = np.zeros(0, np.uint64)
        return empty, empty, empty
    # only one axis is cut (those before it have pieces of 1), so pieces follow
    # each other; the last along that axis is shorter
    grid = [-(-size // c) for size, c in zip(shape, chunk, strict=True)]
    cut = max((a for a, count in enumerate(grid) if count > 1), default=0)
    row = math.prod(shape[cut + 1 :]) * itemsize
    first = np.arange(grid[cut], dtype=np.int64) * chunk[cut]
    lengths = np.minimum(chunk[cut], shape[cut] - first) * row
    outer = np.arange(math.prod(grid[:cut]), dtype=np.int64)[:, None]
    offsets = start + outer * (shape[cut] * row) + (first * row)[None, :]
    sizes = np.broadcast_to(lengths, offsets.shape)
    return np.arange(offsets.size), offsets.reshape(-1), sizes.reshape(-1)


def _file(dataset: h5py.Dataset, path: Path) -> tuple[Path, int, int, int]:
    """Name the file that HDF5 has open: its inode, not that of a later one."""
    return path, os.fstat(dataset.file.id.get_vfd_handle()).st_ino, 0, 0


def _fill(dataset: h5py.Dataset) -> bytes:
    value = np.zeros((), dataset.dtype)
    if dataset.fillvalue is not None:
        value[...] = dataset.fillvalue
    return value.tobytes()

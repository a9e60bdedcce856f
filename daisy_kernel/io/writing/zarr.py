"""Write Zarr version 3: a folder of chunks, which gets its name when it is whole."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

from daisy_kernel.io.writing.chunks import Array, Origin, in_order, pieces
from daisy_kernel.io.writing.content import Content, frame_chunks, is_dask
from daisy_kernel.io.writing.parts import block_regions, compute
from daisy_kernel.io.writing.publishing import publishing, refused
from daisy_kernel.io.writing.tree import Compression
from daisy_kernel.model import Axis
from daisy_kernel.model.errors import WriteFailed
from daisy_kernel.native import workers

NAME = "data"
_CODECS: dict[Compression | None, Any] = {
    None: None,
    "gzip": GzipCodec(level=4),
    "zstd": ZstdCodec(level=3),
    # blosc's own bitshuffle, for Zarr knows no other
    "bitshuffle-lz4": BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle"),
    "bitshuffle-zstd": BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"),
}


@dataclass(frozen=True)
class _Job:
    """Where the blocks go; pickles to the workers."""

    store: Path
    path: Path
    regions: tuple[tuple[slice, ...], ...]


def write_zarr(
    path: Path,
    content: Content,
    compression: Compression | None,
    chunks: tuple[int, ...] | None,
) -> None:
    """Write a group with the signal and its axes; blocks of dask by its workers."""
    data = content.data
    by_workers = is_dask(data) and math.prod(content.shape) > 0 and data.ndim > 0
    if by_workers:
        data, chunks = _aligned(data, chunks)
    chunks = chunks or frame_chunks(content.shape, content.dtype.itemsize)
    with publishing(path) as temporary:
        with refused(path):
            array = _create(temporary, content, _CODECS[compression], chunks)
        if by_workers:
            regions = tuple(block_regions(data.chunks))
            compute(data, partial(_write_block, _Job(temporary, path, regions)))
        else:
            _fill(path, array, content)


def _create(
    folder: Path, content: Content, codec: Any, chunks: tuple[int, ...] | None
) -> Any:
    root = zarr.create_group(store=folder, zarr_format=3)
    root.attrs.update({"signal": NAME, "axes": content.axis_names})
    array = root.create_array(
        NAME,
        shape=content.shape,
        dtype=content.dtype,
        chunks=chunks or "auto",
        compressors=codec,
        dimension_names=[axis.name for axis in content.axes],
        attributes={"units": content.units} if content.units else {},
    )
    for axis in content.axes:
        if axis.name and axis.values is not None:
            _create_axis(root, axis.name, axis, axis.values)
    return array


def _create_axis(root: Any, name: str, axis: Axis, values: Array) -> None:
    made = root.create_array(
        name,
        shape=values.shape,
        dtype=values.dtype,
        dimension_names=[name],
        attributes={"units": axis.units} if axis.units else {},
    )
    made[...] = values


def _fill(path: Path, array: Any, content: Content) -> None:
    """Write chunk by chunk: nothing goes on in the background after a failure."""
    if not content.shape:
        with refused(path, f"/{NAME}"):
            array[...] = next(iter(content.blocks()))
        return

    def save(item: tuple[Origin, Array]) -> None:
        _save(path, array, *item)

    chunks = ((None, item) for item in pieces(content.blocks(), array.chunks))
    for _ in in_order(save, chunks, workers()):
        pass


def _write_block(job: _Job, number: int, block: Array) -> int:
    array = zarr.open_array(store=job.store, path=NAME, mode="r+", zarr_format=3)
    start = tuple(side.start for side in job.regions[number])
    for origin, chunk in pieces([np.asarray(block)], array.chunks):
        if not (job.store / NAME).is_dir():
            raise WriteFailed(str(job.path), "another block could not be written")
        place = tuple(a + b for a, b in zip(start, origin, strict=True))
        _save(job.path, array, place, chunk)
    return number


def _save(path: Path, array: Any, origin: Origin, chunk: Array) -> None:
    place = tuple(
        slice(lo, lo + size) for lo, size in zip(origin, chunk.shape, strict=True)
    )
    with refused(path, f"/{NAME}, the chunk at {origin}"):
        array[place] = chunk


def _aligned(
    data: Any, chunks: tuple[int, ...] | None
) -> tuple[Any, tuple[int, ...] | None]:
    """Cut blocks on the borders of chunks: no two workers write one chunk."""
    if chunks is None:
        chunks = frame_chunks(data.shape, data.dtype.itemsize) or ()
    wanted = {}
    for axis, (sizes, chunk) in enumerate(zip(data.chunks, chunks, strict=True)):
        if any(size % chunk for size in sizes[:-1]):
            most = max(sizes)
            wanted[axis] = min(data.shape[axis], -(-most // chunk) * chunk)
    return (data.rechunk(wanted) if wanted else data), chunks

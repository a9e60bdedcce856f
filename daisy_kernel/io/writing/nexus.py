"""Write NeXus files: a tree of plain objects, to disk in one step or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import numpy.typing as npt

from daisy_kernel.io.writing.chunks import Codec, can_encode, encoded
from daisy_kernel.io.writing.publishing import publishing, refusal, refused
from daisy_kernel.io.writing.sink import Sink
from daisy_kernel.io.writing.tree import Branch, Field, Link
from daisy_kernel.io.writing.virtual import Virtual, create
from daisy_kernel.model.errors import ShapeMismatch, WriteFailed
from daisy_kernel.native import workers

Array = npt.NDArray[Any]
# what both filters of zstd are told by hdf5plugin, and the files say
_LEVEL = 3


def write_nexus(path: Path, root: Branch, threads: int | None = None) -> None:
    """Write a file under another name, then give it its own.

    Parameters
    ----------
    root
        Members that are neither Branch, Field, Link nor Virtual are written as a
        Field.
    threads
        That encode; all processors by default.

    Raises
    ------
    ResultExists
        There is a file of that name; it is not touched.
    WriteFailed
        The disk is full, for example; names the dataset and the chunk. Nothing is
        left.
    """
    count = threads or workers()
    with publishing(path) as temporary, _Writer(path, temporary, count) as writer:
        writer.group(writer.file, root)


class _Writer:
    """A file that is being written."""

    def __init__(self, path: Path, temporary: Path, threads: int) -> None:
        self._path, self._threads = path, threads
        with refused(path):
            self._sink = Sink(temporary)
        # without a cache a chunk is written at once, and a failure is known there
        self.file = h5py.File(self._sink, "w", rdcc_nbytes=0)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.file.close()
        finally:
            self._sink.close()
        if kind is None:
            self._check("the end of the file")

    def group(self, group: h5py.Group, branch: Branch) -> None:
        """Write a group and all below it."""
        if branch.nx_class:
            group.attrs["NX_class"] = branch.nx_class
        for name, value in branch.attrs.items():
            group.attrs[name] = value
        for name, member in branch.members.items():
            if isinstance(member, Branch):
                self.group(group.create_group(name), member)
            elif isinstance(member, Link):
                group[name] = h5py.SoftLink(member.target)
            elif isinstance(member, Virtual):
                create(group, name, member)
            else:
                spec = member if isinstance(member, Field) else Field(member)
                self._field(group, name, spec)

    def _field(self, group: h5py.Group, name: str, spec: Field) -> None:
        shape = np.shape(spec.data) if spec.shape is None else spec.shape
        options = _options(shape, spec)
        if spec.shape is None and "chunks" not in options:
            dataset = group.create_dataset(name, data=spec.data)
            self._check(dataset.name)
        else:
            array = np.asarray(spec.data) if spec.shape is None else None
            dtype = spec.dtype if array is None else _file_type(array)
            dataset = group.create_dataset(name, shape, dtype, **options)
            self._fill(dataset, spec, spec.data if array is None else [array])
        if spec.units:
            dataset.attrs["units"] = spec.units
        for key, value in spec.attrs.items():
            dataset.attrs[key] = value

    def _fill(
        self, dataset: h5py.Dataset, spec: Field, blocks: Iterable[Array]
    ) -> None:
        counted = _Counted(blocks, dataset.shape, f"{self._path}: {dataset.name}")
        if spec.compression and dataset.chunks and can_encode(dataset):
            how = Codec(spec.compression, _LEVEL, self._threads)
            for origin, chunk in encoded(dataset, counted, how):
                dataset.id.write_direct_chunk(origin, chunk)
                self._check(f"{dataset.name}, the chunk at {origin}")
        else:
            for at, block in counted.placed():
                dataset[at : at + len(block)] = block
                self._check(f"{dataset.name}, the part from {at} on")
        counted.check()

    def _check(self, what: str) -> None:
        """Stop at the first failure of the file under HDF5."""
        if failure := self._sink.failure:
            raise WriteFailed(
                str(self._path), f"{what} cannot be written: {refusal(failure)}"
            ) from failure


class _Counted:
    """Blocks along the first axis, which must fill a dataset."""

    def __init__(
        self, blocks: Iterable[Array], shape: tuple[int, ...], where: str
    ) -> None:
        self._blocks, self._shape, self._where = blocks, shape, where
        self._rows = 0

    def __iter__(self) -> Iterator[Array]:
        return (block for _, block in self.placed())

    def placed(self) -> Iterator[tuple[int, Array]]:
        """Give each block with its place."""
        for block in self._blocks:
            array = np.asarray(block)
            at, self._rows = self._rows, self._rows + len(array)
            if array.shape[1:] != self._shape[1:] or self._rows > self._shape[0]:
                raise ShapeMismatch(
                    self._where,
                    f"a block of shape {array.shape} at {at} of {self._shape}",
                )
            yield at, array

    def check(self) -> None:
        """Refuse a dataset of which the end is missing."""
        if self._rows != self._shape[0]:
            raise ShapeMismatch(
                self._where, f"{self._rows} of {self._shape[0]} frames were given"
            )


def _file_type(array: Array) -> Any:
    """Give the type that h5py chooses for an array."""
    return h5py.string_dtype() if array.dtype.kind in "OU" else array.dtype


def _options(shape: tuple[int, ...], spec: Field) -> dict[str, Any]:
    """Give what h5py is told; numbers alone and datasets without any have no chunks."""
    if not shape or 0 in shape:
        return {}
    chunks = spec.chunks
    if spec.compression and not chunks:
        chunks = (1, *shape[1:]) if len(shape) > 1 else shape
    if not chunks:
        return {}
    chunks = tuple(min(c, n) for c, n in zip(chunks, shape, strict=True))
    return {"chunks": chunks, **_FILTERS[spec.compression]}


# exactly as h5py and hdf5plugin would set them, so that any reader knows the file
_FILTERS: dict[str | None, dict[str, Any]] = {
    None: {},
    "gzip": {"compression": "gzip", "compression_opts": 4, "shuffle": True},
    "bitshuffle-lz4": dict(hdf5plugin.Bitshuffle(cname="lz4")),
    "bitshuffle-zstd": dict(hdf5plugin.Bitshuffle(cname="zstd", clevel=_LEVEL)),
    "zstd": dict(hdf5plugin.Zstd(clevel=_LEVEL)),
}

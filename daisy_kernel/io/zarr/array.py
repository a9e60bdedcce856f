"""An array in a Zarr store."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.reading import explain, plan
from daisy_kernel.io.roots import Roots
from daisy_kernel.io.tracing import digest, first_bytes, stamp
from daisy_kernel.io.zarr.folder import METADATA
from daisy_kernel.io.zarr.store import FolderStore, Node, open_node
from daisy_kernel.model import Selection
from daisy_kernel.model.errors import (
    DataError,
    FieldNotFound,
    FileDamaged,
    FileMissing,
    FormatNotSupported,
)
from daisy_kernel.model.nodes import Array, Layout, Trace

# reading these runs whatever program the file contains
_UNSAFE = ("pickle",)
_MOST_METADATA = 64 << 20
# how numbers are laid out before compression: not worth a word
_SILENT = ("bytes", "sharding_indexed", "transpose", "vlen-utf8", "vlen-bytes")


class ZarrArray:
    """Implements ArraySource with zarr-python.

    Parameters
    ----------
    place
        Path in the store; *path*, as the scan shows it, differs for an array that
        is the whole store.
    """

    def __init__(
        self,
        store: FolderStore,
        node: Node,
        place: str,
        path: str,
        axes: tuple[str | None, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> None:
        self.path, self.file = path, str(store.folder)
        self._store, self._place = store, place
        self._see(node)
        self.axes = axes or (None,) * len(self.shape)
        self.notes = notes

    def _see(self, node: Node) -> None:
        self._node = node
        self.shape: tuple[int, ...] = tuple(int(size) for size in node.shape)
        self.dtype: np.dtype[Any] = _known_dtype(node)
        self.attrs: Mapping[str, Any] = dict(node.attrs)

    def __reduce__(self) -> tuple[Any, ...]:
        known = (self._place, self.path, self.axes, self.notes)
        return reopen, (self.file, self._store.roots, *known)

    @property
    def written(self) -> int:
        """Positions of the first axis; which chunks are still to come is unknown."""
        return self.shape[0] if self.shape else 1

    def refresh(self) -> None:
        """Look again: shape and content may have grown."""
        self._see(open_node(self._store, self._place))
        self.__dict__.pop("layout", None)

    @cached_property
    def layout(self) -> Layout:
        """Chunks, filters and size on disk."""
        stored = _stored_bytes(self._store.folder / self._place)
        return Layout(tuple(self._node.chunks) or None, _filters(self._node), stored)

    def trace(self) -> Trace:
        """Give the metadata, and name, size and time of the file of each chunk."""
        folder = self._store.folder / self._place
        if not folder.is_dir():
            raise FileMissing(self._where, "the store is gone")
        found = [folder / name for name in METADATA if (folder / name).is_file()]
        texts = [first_bytes(path, _MOST_METADATA) for path in found]
        header = digest(self._place, texts)
        return Trace(tuple(map(stamp, found)), header, digest(_chunk_files(folder)))

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the dataset are absent: missing chunks are data."""
        return ()

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        made = plan(selection, tuple(self._node.chunks) or None, self.dtype.itemsize)
        return explain(made, _filters(self._node), "zarr")

    def read(self, selection: Selection, out: Array) -> Array:
        """Read piece by piece; a chunk without a file is the fill value."""
        _refuse_unsafe(self._where, self._node)
        if not self._store.folder.is_dir():
            raise FileMissing(self._where, "the store is gone")
        made = plan(selection, tuple(self._node.chunks) or None, self.dtype.itemsize)
        for piece in made.pieces:
            out[piece.target] = self._read(piece.source)
        return out

    def _read(self, source: tuple[slice, ...]) -> Any:
        try:
            return self._node[source]
        except DataError:
            raise
        except PermissionError as error:
            raise FileMissing(self._where, f"permission denied: {error}") from error
        except Exception as error:  # a codec raises whatever it likes
            raise FileDamaged(self._where, f"cannot be read: {error}") from error

    @property
    def _where(self) -> str:
        return f"{self.file}: {self.path}"


def reopen(
    file: str,
    roots: Roots,
    place: str,
    path: str,
    axes: tuple[str | None, ...],
    notes: tuple[str, ...],
) -> ZarrArray:
    """Open an array again in another process: what a pickle stands for."""
    store = FolderStore(Path(file), roots)
    node = open_node(store, place)
    if not hasattr(node, "shape"):
        raise FieldNotFound(file, path, ())
    return ZarrArray(store, node, place, path, axes, notes)


def _known_dtype(node: Node) -> np.dtype[Any]:
    dtype: np.dtype[Any] = node.dtype
    return np.dtype(object) if dtype.kind == "T" else dtype


def _codecs(node: Node) -> Iterator[str]:
    """Name what the chunks go through, in the order of writing."""
    if node.metadata.zarr_format == 2:  # noqa: PLR2004
        for codec in (*(node.metadata.filters or ()), node.metadata.compressor):
            if codec is not None:
                yield str(codec.codec_id)
    else:
        yield from _named([codec.to_dict() for codec in node.metadata.codecs])


def _named(codecs: Any) -> Iterator[str]:
    for codec in codecs:
        yield str(codec["name"])
        inner = codec.get("configuration", {}).get("codecs", ())
        yield from _named([c if isinstance(c, dict) else c.to_dict() for c in inner])


def _filters(node: Node) -> tuple[str, ...]:
    return tuple(name for name in _codecs(node) if name not in _SILENT)


def _refuse_unsafe(where: str, node: Node) -> None:
    for name in _codecs(node):
        if any(word in name.lower() for word in _UNSAFE):
            raise FormatNotSupported(
                where, f"its codec {name!r} would run a program that the file contains"
            )


def _chunk_files(folder: Path) -> list[tuple[str, int, int]]:
    """List the files of an array below its folder, in the order of their names."""
    found = []
    for place, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(place, name)
            try:
                status = os.stat(path)
            except OSError:  # gone meanwhile, or a link that leads nowhere
                continue
            known = os.path.relpath(path, folder)
            found.append((known, status.st_size, status.st_mtime_ns))
    return sorted(found)


def _stored_bytes(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:  # gone meanwhile
                continue
    return total

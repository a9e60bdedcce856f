"""A folder as a store that cannot be written, and that no link leads out of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import zarr
from zarr.abc.store import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    Store,
    SuffixByteRequest,
)
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.errors import NodeNotFoundError

from daisy_kernel.io.roots import Roots, allows
from daisy_kernel.io.zarr.folder import MARKERS
from daisy_kernel.model.errors import (
    DataError,
    FieldNotFound,
    FileDamaged,
    FileMissing,
    FormatNotSupported,
    OutsideData,
)

_ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
Node = Any  # zarr.Group or zarr.Array


class FolderStore(Store):
    """Gives the files of a folder by their path below it."""

    supports_writes = False
    supports_deletes = False
    supports_listing = True

    def __init__(self, folder: Path, roots: Roots) -> None:
        super().__init__(read_only=True)
        self.folder, self.roots = folder, roots

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FolderStore) and (self.folder, self.roots) == (
            other.folder,
            other.roots,
        )

    __hash__ = None  # type: ignore[assignment]

    def place(self, key: str) -> Path:
        """Give the file of a key."""
        path = self.folder / key
        if not allows(path, self.roots):
            raise OutsideData(
                str(path), "a link leads out of the folders that may be read"
            )
        return path

    async def get(
        self,
        key: str,
        prototype: BufferPrototype,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        """Read a file, or a part of it; None where there is none."""
        content = await asyncio.to_thread(_read, self.place(key), byte_range)
        return None if content is None else prototype.buffer.from_bytes(content)

    async def get_partial_values(
        self,
        prototype: BufferPrototype,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> list[Buffer | None]:
        """Read parts of several files."""
        return list(
            await asyncio.gather(
                *[self.get(key, prototype, part) for key, part in key_ranges]
            )
        )

    async def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        return self.place(key).is_file()

    async def list(self) -> AsyncIterator[str]:
        """List all files."""
        async for key in self.list_prefix(""):
            yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """List all files below a folder."""
        for path in self.place(prefix).rglob("*"):
            if path.is_file():
                yield path.relative_to(self.folder).as_posix()

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """List what stands in a folder."""
        place = self.place(prefix)
        for path in place.iterdir() if place.is_dir() else ():
            yield path.name

    async def set(self, key: str, value: Buffer) -> None:
        """Refuse."""
        raise PermissionError("this store is only read")

    async def delete(self, key: str) -> None:
        """Refuse."""
        raise PermissionError("this store is only read")


def _read(path: Path, part: ByteRequest | None) -> bytes | None:
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if isinstance(part, RangeByteRequest):
                file.seek(part.start)
                return file.read(part.end - part.start)
            if isinstance(part, OffsetByteRequest):
                file.seek(part.offset)
            elif isinstance(part, SuffixByteRequest):
                file.seek(max(0, size - part.suffix))
            return file.read()
    except _ABSENT:
        return None


def open_node(store: FolderStore, path: str) -> Node:
    """Open a group or an array by its path in the store.

    Raises
    ------
    FieldNotFound, OutsideData, FileDamaged, FormatNotSupported
    """
    where = f"{store.folder}: {path or '/'}"
    folder = _folder(store, path)
    try:
        # the folders are the truth: consolidated metadata may be of yesterday
        return zarr.open(store=store, path=path, mode="r", use_consolidated=False)
    except DataError:
        raise
    except NodeNotFoundError as error:
        raise _no_node(where, folder) from error
    except PermissionError as error:
        raise FileMissing(where, "permission denied") from error
    except Exception as error:  # broken metadata can raise anything
        if "UnknownCodec" in type(error).__name__ or "No Zarr data type" in str(error):
            raise FormatNotSupported(
                where, f"a type or codec is unknown: {error}"
            ) from error
        raise FileDamaged(where, f"the metadata cannot be read: {error}") from error


def _no_node(where: str, folder: Path) -> DataError:
    return FormatNotSupported(
        where, f"{folder.name} is no Zarr group or array (no {', '.join(MARKERS)})"
    )


def _folder(store: FolderStore, path: str) -> Path:
    """Go down name by name, so that the message can list what is there."""
    place = store.folder
    for name in path.split("/") if path else ():
        inside = place / name
        if name == ".." or not inside.is_dir():
            raise FieldNotFound(str(place), name, names(place))
        place = inside
    return store.place(path)


def names(folder: Path) -> list[str]:
    """List the members of a group, by name."""
    with_dot = (path.name for path in folder.iterdir() if path.is_dir())
    return sorted(name for name in with_dot if not name.startswith("."))

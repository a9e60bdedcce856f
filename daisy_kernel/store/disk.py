"""Where a store puts what memory has no room for: Zarr, one folder per object."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

from daisy_kernel.io import open_scan
from daisy_kernel.io.writing.publishing import refused
from daisy_kernel.io.writing.write import NAME, write
from daisy_kernel.model import Axis, DataObject, Dataset
from daisy_kernel.model.errors import FileDamaged

_PREFIX = "daisy-store-"
_LOCK = ".lock"
# what a codec takes at a time, and a file system likes
_CHUNK = 8 << 20
_LONGEST = 100


class Disk:
    """A folder for arrays: the caller's, or a private one that goes with the store.

    Parameters
    ----------
    folder
        Made if it is not there. What is in the store when it is closed stays in it.
    """

    def __init__(self, folder: str | os.PathLike[str] | None) -> None:
        self._given = Path(folder).expanduser() if folder is not None else None
        self._private: Path | None = None
        self._forget: Callable[[], object] | None = None

    @property
    def folder(self) -> Path:
        """Where the arrays are; a private folder is made at the first use."""
        if self._given is not None:
            with refused(self._given):
                self._given.mkdir(parents=True, exist_ok=True)
            return self._given.resolve()
        if self._private is None:
            sweep()
            self._private, lock = _private_folder()
            forget = partial(_remove_private, self._private, lock, os.getpid())
            self._forget = weakref.finalize(self, forget)
        return self._private

    def write(self, name: str, found: DataObject) -> Dataset:
        """Write the values whole, and give them as they lie there.

        Raises
        ------
        WriteFailed
            The disk is full, for example; nothing is left.
        """
        short = quote(name, safe="")[:_LONGEST]
        path = self.folder / f"{short}.{uuid.uuid4().hex[:8]}.zarr"
        write(
            path,
            found.data,
            compression="bitshuffle-lz4",
            units=found.units,
            axes=_writable(found.axes),
            chunks=chunks_of(found),
        )
        made = open_scan(path)[NAME]
        # the order of bytes can be another one, the values are the same
        native = found.dtype.newbyteorder("=")
        if not isinstance(made, Dataset) or made.dtype.newbyteorder("=") != native:
            shutil.rmtree(path, ignore_errors=True)
            raise FileDamaged(str(path), f"{native} came back as another type")
        return made

    def remove_later(self, found: DataObject) -> None:
        """Remove an array as soon as nobody holds it any more.

        At once, a chunk that is gone would read as zeros.
        """
        if isinstance(found.data, Dataset):
            path, source = Path(found.data.file), found.data.source
            weakref.finalize(source, _remove, path, os.getpid())

    def close(self) -> None:
        """Remove the private folder, with all that is in it."""
        if self._forget is not None:
            self._forget()
            self._forget = self._private = None


def can_be_written(found: DataObject) -> bool:
    """Whether Zarr has a type for the values."""
    kind, size = found.dtype.kind, found.dtype.itemsize
    return kind in "biu" or (kind == "f" and size in (2, 4, 8)) or (
        kind == "c" and size in (8, 16)
    )  # fmt: skip


def chunks_of(found: DataObject) -> tuple[int, ...] | None:
    """Give chunks of some MiB of neighbouring values, whole frames where they fit."""
    if not found.shape or 0 in found.shape:
        return None
    room = max(1, _CHUNK // found.dtype.itemsize)
    chunks: list[int] = []
    for size in reversed(found.shape):
        chunks.insert(0, min(size, max(1, room)))
        room //= chunks[0]
    return tuple(chunks)


def sweep() -> None:
    """Remove private folders of this account whose process was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_uid != os.getuid():
                continue
            lock = os.open(folder / _LOCK, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _private_folder() -> tuple[Path, int]:
    """Make a folder with a lock, which the kernel lets go of with the process."""
    with refused(Path(tempfile.gettempdir())):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = os.open(folder / f"{_LOCK}.new", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_SH)
        os.rename(folder / f"{_LOCK}.new", folder / _LOCK)  # seen only when locked
    return folder, lock


def _remove_private(folder: Path, lock: int, owner: int) -> None:
    if os.getpid() == owner:  # a fork has a copy of the store, not the right
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _writable(axes: tuple[Axis, ...]) -> list[Axis]:
    """Leave out values that have no name of their own in a file; the store has all."""
    names = [axis.name for axis in axes]

    def fits(axis: Axis) -> bool:
        return (
            axis.name.isidentifier()
            and axis.name != NAME
            and names.count(axis.name) == 1
            and (axis.values is None or axis.values.dtype.kind in "biuf")
        )

    return [axis if fits(axis) else Axis() for axis in axes]

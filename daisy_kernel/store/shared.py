"""An array in shared memory: another process opens it by its name, without a copy.

Who frees it, whatever ends the process that made it:

- the array's `Segment` is freed by its owner, or when nobody holds it any more, or
  when the interpreter ends;
- a process that is killed leaves it to the resource tracker of `multiprocessing`,
  which is a process of its own and frees it at once, with a warning;
- if that one is killed as well, the kernel lets go of the lock on the segment, and
  the next process of the same account that makes one frees whatever is not locked.

Whoever has it open keeps the memory, not the name, until the last array is gone.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import time
import uuid
import weakref
from contextlib import suppress
from functools import partial
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, Self

import numpy as np

from daisy_kernel.model.errors import FileMissing, FormatNotSupported, WriteFailed
from daisy_kernel.model.nodes import Array

# where Linux keeps what shm_open makes
_FOLDER = Path("/dev/shm")
_PREFIX = "daisy-"
# a segment is locked within that many seconds after it was made
_YOUNG = 60


class SharedArray(np.ndarray[Any, Any]):
    """An array that pickles as the name of its segment; parts of it pickle whole."""

    segment: str

    def __array_finalize__(self, whole: Any) -> None:
        self.segment = ""

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.segment:
            return open_shared, (self.segment, self.shape, self.dtype.str)
        return np.asarray(self).__reduce_ex__(protocol)


class Segment:
    """The name of an array in shared memory, and the right to free it.

    Attributes
    ----------
    array
        Shape and values of the array it was made of.
    """

    def __init__(self, name: str, array: SharedArray, free: Any) -> None:
        self.name, self.array = name, array
        self._free = weakref.finalize(self, free)

    @classmethod
    def of(cls, array: Array) -> Self:
        """Copy an array into shared memory.

        Raises
        ------
        FormatNotSupported
            Its elements are Python objects, or the system has no such memory.
        WriteFailed
            There is not so much of it.
        """
        if array.dtype.hasobject or not _FOLDER.is_dir():
            raise FormatNotSupported(
                "shared memory",
                f"it cannot hold {array.dtype}"
                if array.dtype.hasobject
                else "this system has none by name: use the tier 'memory'",
            )
        sweep()
        name = f"{_PREFIX}{uuid.uuid4().hex}"
        try:
            memory = SharedMemory(name, create=True, size=max(1, array.nbytes))
            memory.close()  # the name stays, and is known to the resource tracker
            try:
                shared, lock = _filled(name, array)
            except BaseException:
                memory.unlink()
                raise
        except OSError as error:
            raise WriteFailed("shared memory", _refusal(error)) from error
        return cls(name, shared, partial(_free, memory, lock, os.getpid()))

    def free(self) -> None:
        """Give the name back; the memory follows when the last array is gone."""
        self._free()


def open_shared(
    name: str, shape: tuple[int, ...], dtype: str, writable: bool = False
) -> SharedArray:
    """Open an array by the name of its segment, without a copy.

    Raises
    ------
    FileMissing
        It was freed.
    """
    path = _FOLDER / name
    try:
        descriptor = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
    except FileNotFoundError as error:
        raise FileMissing(
            f"shared memory {name}", "its store has let go of it"
        ) from error
    try:
        return _mapped(descriptor, name, shape, np.dtype(dtype), writable)
    finally:
        os.close(descriptor)


def sweep() -> None:
    """Free segments of this account whose process is gone."""
    for path in _FOLDER.glob(f"{_PREFIX}*"):
        try:
            status = path.stat()
            if status.st_uid != os.getuid() or time.time() - status.st_mtime < _YOUNG:
                continue
            descriptor = os.open(path, os.O_RDWR)
        except OSError:  # freed meanwhile
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except OSError:  # somebody holds it
            pass
        finally:
            os.close(descriptor)


def _free(memory: SharedMemory, lock: int, owner: int) -> None:
    if os.getpid() != owner:  # a fork has a copy of the segment, not the right
        return
    os.close(lock)
    with suppress(FileNotFoundError):
        memory.unlink()


def _refusal(error: OSError) -> str:
    reason = os.strerror(error.errno or 0).lower()
    return f"{reason}: free some of it, or use the tier 'memory' or 'disk'"


def _filled(name: str, array: Array) -> tuple[SharedArray, int]:
    """Give the shared copy, and the open file whose lock says that it is used."""
    lock = os.open(_FOLDER / name, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        # memory that is not there would end the process at the first touch
        os.posix_fallocate(lock, 0, max(1, array.nbytes))
        shared = _mapped(lock, name, array.shape, array.dtype, writable=True)
        shared[...] = array
    except BaseException:
        os.close(lock)
        raise
    return shared, lock


def _mapped(
    descriptor: int,
    name: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    writable: bool,
) -> SharedArray:
    access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
    memory = mmap.mmap(descriptor, 0, access=access)
    found = SharedArray(shape, dtype, memory)
    found.segment = name
    return found

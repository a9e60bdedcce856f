"""Give a file or a folder its name when it is whole, and never before.

What is being written lies beside its target under a hidden name. A writer that is
killed leaves only that.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from daisy_kernel.model.errors import DaisyError, ResultExists, WriteFailed

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# a disk takes many requests at a time
_SYNCING = 8
_REMOVALS, _PAUSE = 40, 0.05


@contextmanager
def publishing(path: Path) -> Iterator[Path]:
    """Give a temporary name; what is there in the end gets its own name.

    Parameters
    ----------
    path
        File or folder to be; nothing that is there already is replaced.

    Raises
    ------
    ResultExists
        Something has that name; it is not touched.
    WriteFailed
        The system refused. Nothing is left.
    """
    if os.path.lexists(path):
        raise ResultExists(str(path))
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield temporary
        with refused(path):
            _publish(temporary, path)
    finally:
        _remove(temporary)


@contextmanager
def refused(path: Path, what: str = "") -> Iterator[None]:
    """Turn what the system says while *path* is written into WriteFailed."""
    try:
        yield
    except DaisyError:
        raise
    except OSError as error:
        cause = f"{what} cannot be written: " if what else ""
        raise WriteFailed(str(path), cause + refusal(error)) from error


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # some file systems know no fsync of a folder
        if not (path.is_dir() and error.errno == errno.EINVAL):
            raise
    finally:
        os.close(descriptor)


def refusal(error: OSError) -> str:
    """Say why the system did not write, and what to do about it."""
    reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
    if error.errno in _FULL:
        return f"{reason}: make room, or write to another place"
    return reason


def _publish(temporary: Path, path: Path) -> None:
    if temporary.is_file():
        sync(temporary)
        _publish_file(temporary, path)
    else:
        _publish_folder(temporary, path)
    sync(path.parent)


def _publish_file(temporary: Path, path: Path) -> None:
    """Rename without replacing: a hard link fails if the name is taken."""
    try:
        os.link(temporary, path)
    except FileExistsError as error:
        raise ResultExists(str(path)) from error
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise ResultExists(str(path)) from None
        temporary.rename(path)


def _publish_folder(temporary: Path, path: Path) -> None:
    """Rename: that fails if the name is taken by more than an empty folder."""
    for folder, _, names in os.walk(temporary):
        with ThreadPoolExecutor(_SYNCING) as pool:
            list(pool.map(sync, [Path(folder) / name for name in names]))
        sync(Path(folder))
    try:
        temporary.rename(path)
    except OSError as error:
        if os.path.lexists(path):
            raise ResultExists(str(path)) from error
        raise


def _remove(temporary: Path) -> None:
    if temporary.is_file():
        temporary.unlink()
    # workers of a run that failed may be at their last chunk
    for _ in range(_REMOVALS):
        if not temporary.exists():
            return
        shutil.rmtree(temporary, ignore_errors=True)
        time.sleep(_PAUSE)

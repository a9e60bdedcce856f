"""Open HDF5 files: never locked, one handle per file, with words for damage.

A file that is being written is opened too: beside a writer in SWMR mode as HDF5
wants it, beside any other one without a lock, to be opened again for news.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import h5py

# registers the decoders with HDF5
import hdf5plugin  # noqa: F401

from daisy_kernel.io.reading import Bands
from daisy_kernel.model.errors import (
    DataError,
    FileDamaged,
    FileMissing,
    FormatNotSupported,
)

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
PATIENCE_SECONDS, PAUSE_SECONDS = 1.0, 0.005
# what HDF5 raises where a file does not fit together
HALF_CHANGED = (OSError, RuntimeError, KeyError, ValueError)
_IN_USE = "already open for"
_CUT = re.compile(r"eof = (\d+).*stored_eof = (\d+)")


def is_hdf5(path: Path) -> bool:
    """Look for the signature, which may stand behind a user block."""
    with path.open("rb") as file:
        size = path.stat().st_size
        at = 0
        while at < size:
            file.seek(at)
            if file.read(8) == _SIGNATURE:
                return True
            at = at * 2 or 512
    return False


def open_file(path: Path) -> h5py.File:
    """Open a file for reading, without a lock and beside a running writer."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return h5py.File(path, "r", locking=False)
        except OSError as error:
            if _IN_USE in str(error):
                return _open_beside_writer(path)
            if not _is_being_written(path) or time.monotonic() > end:
                raise _explain(path, error) from error
        time.sleep(PAUSE_SECONDS)


def _is_being_written(path: Path) -> bool:
    """Whether a file has just changed: it may have been half written when looked at."""
    try:
        return abs(time.time() - path.stat().st_mtime) < PATIENCE_SECONDS
    except OSError:
        return False


def _open_beside_writer(path: Path) -> h5py.File:
    """Open a file that a SWMR writer has open, or was killed with."""
    try:
        return h5py.File(path, "r", libver="latest", swmr=True, locking=False)
    except OSError as error:
        raise FileDamaged(
            str(path),
            "the file is marked as open for writing. If nobody writes to it any more, "
            f"its writer was killed: copy it and run 'h5clear -s' on the copy. {error}",
        ) from error


def patiently(look: Callable[[], None]) -> None:
    """Try again for a moment: beside a writer a file can be half changed."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            look()
            return
        except (DataError, *HALF_CHANGED):
            if time.monotonic() > end:
                raise
            time.sleep(PAUSE_SECONDS)


Result = TypeVar("Result")


class Files:
    """The files that one scan has opened.

    Parameters
    ----------
    roots
        Folders that every file must lie in, links resolved; None allows all.
    """

    def __init__(self, roots: tuple[Path, ...] | None) -> None:
        self.roots = roots
        # counts how often everything was closed to be opened again
        self.generation = 0
        self._open: dict[Path, h5py.File] = {}
        self.is_closed = False
        self._made: dict[str, Any] = {}
        self._bands: dict[str, Bands] = {}
        self._lock = threading.Lock()

    def allows(self, path: Path) -> bool:
        """Whether a file may be opened."""
        if self.roots is None:
            return True
        real = path.resolve()
        return any(real.is_relative_to(root) for root in self.roots)

    def steadily(self, path: Path, look: Callable[[], Result]) -> Result:
        """Look at a file's tree, again if it was caught half changed by a writer."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return look()
            except (DataError, *HALF_CHANGED) as error:
                # a name that is not there is an answer, a broken node may not be one
                is_answer = isinstance(error, DataError) and not isinstance(
                    error, FileDamaged
                )
                late = time.monotonic() > end
                if is_answer or self.is_closed or late or not _is_being_written(path):
                    raise
            time.sleep(PAUSE_SECONDS)
            self.reopen()

    def once(self, name: str, make: Callable[[], Result]) -> Result:
        """Make something of a dataset once for everyone who uses this scan."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            found: Result = self._made[name]
            return found

    def bands_of(self, dataset: str) -> Bands:
        """Give the bands of a dataset, the same for everyone who uses this scan."""
        with self._lock:
            return self._bands.setdefault(dataset, Bands())

    def apart(self) -> Files:
        """Give an empty set of files with the same roots, to be closed on its own."""
        return Files(self.roots)

    def open(self, path: Path) -> h5py.File:
        """Give the open file, shared by everyone who uses this scan."""
        with self._lock:
            if path not in self._open:
                self._open[path] = open_file(path)
            return self._open[path]

    def reopen(self) -> None:
        """Close all, to see what has been written since; see `Anchor`."""
        self.close()
        self.is_closed = False
        self.generation += 1

    def renew(self) -> None:
        """Close all, and forget what `once` has made."""
        self.reopen()
        with self._lock:
            self._made.clear()

    def close(self) -> None:
        """Close all."""
        self.is_closed = True
        for bands in tuple(self._bands.values()):
            bands.forget()
        with self._lock:
            for file in self._open.values():
                file.close()
            self._open.clear()


def _explain(path: Path, error: OSError) -> Exception:
    name, text = str(path), str(error)
    if not path.exists():
        return FileMissing(name, "no such file")
    try:
        size, readable = path.stat().st_size, is_hdf5(path)
    except PermissionError:
        return FileMissing(name, "permission denied")
    if not size:
        return FileDamaged(name, "the file is empty (0 bytes)")
    if cut := _CUT.search(text):
        has, wanted = cut.groups()
        return FileDamaged(
            name,
            f"the file is truncated: it should have {wanted} bytes, it has {has}. "
            "Copy it again, or ask whether it is still being written.",
        )
    if not readable:
        return FormatNotSupported(name, "this is no HDF5 file (no HDF5 signature)")
    return FileDamaged(name, f"the file cannot be opened: {text}")

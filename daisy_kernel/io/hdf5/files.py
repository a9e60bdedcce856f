"""Open HDF5 files: never locked, one handle per file, with words for damage."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import h5py

# registers the decoders with HDF5
import hdf5plugin  # noqa: F401

from daisy_kernel.model.errors import FileDamaged, FileMissing, FormatNotSupported

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
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
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as error:
        raise _explain(path, error) from error


class Files:
    """The files that one scan has opened.

    Parameters
    ----------
    roots
        Folders that every file must lie in, links resolved; None allows all.
    """

    def __init__(self, roots: tuple[Path, ...] | None) -> None:
        self.roots = roots
        self._open: dict[Path, h5py.File] = {}
        self._lock = threading.Lock()

    def allows(self, path: Path) -> bool:
        """Whether a file may be opened."""
        if self.roots is None:
            return True
        real = path.resolve()
        return any(real.is_relative_to(root) for root in self.roots)

    def open(self, path: Path) -> h5py.File:
        """Give the open file, shared by everyone who uses this scan."""
        with self._lock:
            if path not in self._open:
                self._open[path] = open_file(path)
            return self._open[path]

    def close(self) -> None:
        """Close all."""
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

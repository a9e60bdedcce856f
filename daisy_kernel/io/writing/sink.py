"""A file under HDF5 that never refuses, and remembers that it should have.

HDF5 that cannot flush at its end crashes the process. So the first failure is kept
for the writer to raise, and what comes after it is kept in memory until HDF5 has
closed: that is little, for the writer stops.
"""

from __future__ import annotations

import os
from pathlib import Path

# larger pieces are data, which HDF5 does not read back
_METADATA = 1 << 20


class Sink:
    """The part of a binary file that h5py's driver uses.

    Attributes
    ----------
    failure
        Why a write failed; the file is of no use then.
    """

    def __init__(self, path: Path) -> None:
        self.failure: OSError | None = None
        self._at, self._late = 0, list[tuple[int, bytes]]()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o666)
        self._end = 0

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def seek(self, to: int, whence: int = 0) -> int:
        """Go to a place."""
        self._at = to + (0, self._at, self._end)[whence]
        return self._at

    def tell(self) -> int:
        """Give the place."""
        return self._at

    def flush(self) -> None:
        """Do nothing: nothing is held back here."""

    def truncate(self, size: int | None = None) -> int:
        """Set the length."""
        self._end = self._at if size is None else size
        if self.failure is None:
            try:
                os.ftruncate(self._descriptor, self._end)
            except OSError as error:
                self.failure = error
        return self._end

    def write(self, data: memoryview) -> int:
        """Write all of it, or remember why not."""
        view = memoryview(data).cast("B")
        done = self._write(view)
        if done < len(view) <= _METADATA:
            self._late.append((self._at, bytes(view)))
        self._at += len(view)
        self._end = max(self._end, self._at)
        return len(view)

    def _write(self, view: memoryview) -> int:
        done = 0
        while self.failure is None and done < len(view):
            try:
                done += os.pwrite(self._descriptor, view[done:], self._at + done)
            except OSError as error:
                self.failure = error
        return done

    def read(self, size: int) -> bytes:
        """Read so many bytes."""
        data = bytearray(size)
        self.readinto(memoryview(data))
        return bytes(data)

    def readinto(self, data: memoryview) -> int:
        """Read as much as there is; beyond that are zeros."""
        view = memoryview(data).cast("B")
        got = os.preadv(self._descriptor, [view], self._at)
        view[got:] = bytes(len(view) - got)
        for start, late in self._late:
            lo = max(start, self._at)
            hi = min(start + len(late), self._at + len(view))
            if lo < hi:
                view[lo - self._at : hi - self._at] = late[lo - start : hi - start]
        self._at += len(view)
        return len(view)

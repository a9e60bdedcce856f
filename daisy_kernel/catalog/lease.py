"""One writer at a time, also on file systems without locks.

A lease is a small file that exists while its owner writes, and is touched by the
owner now and then. One that was not touched for a while is taken over. Times are
compared as the file system tells them: clocks of machines differ.

Should two writers meet all the same (one stopped for longer than the lease lives),
nothing is damaged: a snapshot is replaced as a whole, and what the slower one has
found is found again at the next look.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path
from types import TracebackType

LIVES = 60.0  # seconds


class Lease:
    """The right to write the index of a proposal.

    Parameters
    ----------
    path
        File of the lease; its folder exists.
    lives
        Seconds after which an untouched lease is taken over.
    """

    def __init__(self, path: Path, lives: float = LIVES) -> None:
        self._path, self._lives = path, lives
        self._token = uuid.uuid4().hex

    def take(self, left: str | None = None) -> bool:
        """Try to become the writer.

        Parameters
        ----------
        left
            What `holder` has given for an owner that is known to be gone: its lease
            is taken over at once.

        Raises
        ------
        OSError
            The folder may not be written.
        """
        own = self._path.with_name(f".{self._token}.lease")
        own.write_text(self._token)
        try:
            # a link is made by one of many, on network file systems as well
            if self._link(own):
                return True
            self._remove_if_left(own, left)
            return self._link(own)
        finally:
            own.unlink(missing_ok=True)

    @property
    def holder(self) -> str | None:
        """Who has the lease; None if nobody has."""
        return _read(self._path)

    @property
    def held(self) -> bool:
        """Whether we are the writer still."""
        return _read(self._path) == self._token

    def touch(self) -> None:
        """Say that we are alive."""
        with contextlib.suppress(OSError):
            os.utime(self._path)

    def release(self) -> None:
        """Let others write."""
        if self.held:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _link(self, own: Path) -> bool:
        try:
            os.link(own, self._path)
        except FileExistsError:
            return False
        except (OSError, NotImplementedError):  # no links here: FAT, some FUSE
            return self._create()
        return True

    def _create(self) -> bool:
        try:
            with self._path.open("x") as file:
                file.write(self._token)
        except FileExistsError:
            return False
        return True

    def _remove_if_left(self, own: Path, left: str | None) -> None:
        """Remove a lease whose owner has gone."""
        before = _read(self._path)
        try:
            age = own.stat().st_mtime - self._path.stat().st_mtime
            if age < self._lives and (left is None or before != left):
                return
            aside = own.with_suffix(".left")
            # of those who do this at once, one succeeds
            self._path.rename(aside)
        except OSError:
            return
        if _read(aside) != before:  # a new owner came in between: give it back
            with contextlib.suppress(OSError):
                os.link(aside, self._path)
        aside.unlink(missing_ok=True)


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None

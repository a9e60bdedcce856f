"""Small files of runs, read with care: any member of a proposal may have put them.

Links are not followed, and nobody waits at a pipe.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

MOST = 2**24  # bytes of what a run writes down of itself


def read_plain(path: str | Path, most: int = MOST, owner: int | None = None) -> bytes:
    """Read a plain file.

    Parameters
    ----------
    most
        Bytes that it may have.
    owner
        The uid that it has to belong to; None for any.

    Raises
    ------
    OSError
        It is not there, a link, or may not be read.
    ValueError
        It is no plain file, too large, or somebody else's.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        # of the file that is open: its name may mean another one by now
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise ValueError("it is no plain file")
        if about.st_size > most:
            raise ValueError(f"it has {about.st_size} bytes, more than {most}")
        if owner not in (None, about.st_uid):
            raise ValueError("it belongs to somebody else")
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(most)
    finally:
        os.close(descriptor)

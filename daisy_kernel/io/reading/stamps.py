"""What files were like when they were looked at, to see whether somebody changes them.

Nothing is locked: inode, size and time of change are compared before and after.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

# inode, size and time of change of a file
Stamp = tuple[int, int, int]
Stamps = Mapping[Path, Stamp]
# times of change are only as fine as the kernel's clock ticks
_TICK_SECONDS = 0.02


def stamp_of(status: os.stat_result) -> Stamp:
    """Give the stamp of a file from its status."""
    return status.st_ino, status.st_size, status.st_mtime_ns


def stamps_now(paths: Iterable[Path]) -> tuple[Stamp, ...] | None:
    """Look at files as they are now.

    None if one is gone, or has just changed: the next change might look the same.
    """
    found = tuple(_stamp_at(path) for path in paths)
    known = tuple(s for s in found if s and not is_recent(s, _TICK_SECONDS))
    return known if len(known) == len(found) else None


def are_settled(stamps: Stamps) -> bool:
    """Whether files are as they were, or gone: then nobody writes to them."""
    now = ((_stamp_at(path), stamp) for path, stamp in stamps.items())
    return all(
        found is None or (found == stamp and not is_recent(found, _TICK_SECONDS))
        for found, stamp in now
    )


def are_the_same(stamps: Stamps) -> bool:
    """Whether files are still those that were looked at, changed or not."""
    now = ((_stamp_at(path), stamp) for path, stamp in stamps.items())
    return all(found is not None and found[0] == stamp[0] for found, stamp in now)


def is_recent(stamp: Stamp, seconds: float) -> bool:
    """Whether a file has changed in the last seconds."""
    # on both sides: the clock of a file server may be ahead of ours
    return abs(time.time() - stamp[2] / 1e9) < seconds


def _stamp_at(path: Path) -> Stamp | None:
    try:
        return stamp_of(os.stat(path))
    except OSError:
        return None

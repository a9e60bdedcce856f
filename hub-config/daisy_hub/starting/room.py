"""How full a home is, and whether a server can start in it.

A server writes settings and state to the home before it answers: in a full one it dies
with an error that only its log has.
"""

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from daisy_hub.settings import Settings

# what a server and a kernel write before anybody has done anything
NEEDED = 20 * 2**20
KEPT_SECONDS = 300.0
THREE_DIGITS = 1000
BLOCK = 512  # of st_blocks, whatever the file system's own are

_measured: dict[Path, tuple[float, int]] = {}
_lock = threading.Lock()


class NoRoom(Exception):
    """A home in which no server can start; the text says how full it is."""


@dataclass(frozen=True)
class Room:
    """Room in a home, in bytes.

    Attributes
    ----------
    used
        What its files take; None where nobody needs to know.
    quota
        What they may take; None without a quota.
    free
        What the file system has left.
    """

    used: int | None
    quota: int | None
    free: int

    @property
    def problem(self) -> str:
        """Say why no server can start; "" where one can."""
        if self.free < NEEDED:
            return f"Your home is full: there are {said(self.free)} left on its disk."
        if self.used is not None and self.quota is not None and self.used > self.quota:
            return f"Your home takes {said(self.used)}; it may take {said(self.quota)}."
        return ""


def room_of(settings: Settings, home: Path, *, fresh: bool = False) -> Room:
    """Look how full a home is; one that is not there yet is empty.

    With *fresh* it is measured now, else a number of the last minutes will do.
    """
    quota = settings.home_quota
    if not home.exists():
        return Room(0 if quota else None, quota, _free(home.parent))
    used = None if quota is None else _used(home, 0.0 if fresh else KEPT_SECONDS)
    return Room(used, quota, _free(home))


def size_of(folder: Path) -> int:
    """Add up what the files below a folder take on disk, in bytes.

    No link is followed, also not one that is put there meanwhile; a file with several
    names counts once, and what is mounted there not at all.
    """
    seen: set[int] = set()
    total = 0
    device = folder.stat().st_dev
    for _, folders, files, at in os.fwalk(folder, follow_symlinks=False):
        for name in (*files, *folders):
            try:
                found = os.stat(name, dir_fd=at, follow_symlinks=False)
            except OSError:
                continue  # gone meanwhile
            if found.st_dev != device:
                if name in folders:
                    folders.remove(name)
            elif found.st_ino not in seen:
                seen.add(found.st_ino)
                total += found.st_blocks * BLOCK
    return total


def said(size: int) -> str:
    """Say a size as people do."""
    amount, units = float(size), ["B", "KiB", "MiB", "GiB", "TiB"]
    # not 1024: a number of four digits is hard to read
    while amount >= THREE_DIGITS and len(units) > 1:
        amount /= 1024
        units.pop(0)
    return f"{amount:.3g} {units[0]}"


def _used(home: Path, kept: float) -> int:
    now = time.monotonic()
    with _lock:
        at, size = _measured.get(home, (-KEPT_SECONDS, 0))
    if home in _measured and now - at < kept:
        return size
    size = size_of(home)
    with _lock:
        _measured[home] = now, size
    return size


def _free(folder: Path) -> int:
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize

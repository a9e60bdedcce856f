"""Whether whatever carries a run out is still there.

A lease that is touched every few seconds tells it to everybody. Who can see the process
itself (on the same machine, among the same processes) knows at once when it is gone.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from daisy_kernel.catalog.lease import Lease
from daisy_kernel.workflow.runs.record import (
    LEASE,
    RECORD,
    STATE,
    Progress,
    read_progress,
)

# a run whose lease was not touched for so long is taken for dead
LIVES = 30.0


def here() -> str:
    """Name this machine, as seen from among these processes."""
    try:
        processes = os.readlink("/proc/self/ns/pid")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return f"{socket.gethostname()} {boot} {processes}"


def beginning(pid: int) -> str:
    """Say when a process began, to tell it from a later one; empty if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def is_gone(progress: Progress) -> bool:
    """Whether we can see that the process of a run is not there any more."""
    if not progress.pid or not progress.place or progress.place != here():
        return False
    return beginning(progress.pid) != progress.began


def is_alive(folder: Path, progress: Progress) -> bool:
    """Whether something carries the run out, or was just asked to."""
    if _is_young(folder / LEASE) and not is_gone(progress):
        return True
    # not begun yet, or not again: its runner is on the way
    asked = _is_young(folder / RECORD) or _is_young(folder / STATE)
    return progress.state == "waiting" and asked


def claimed(folder: Path) -> Lease | None:
    """Become the one who carries a run out; None if somebody else does.

    Raises
    ------
    OSError
        The folder may not be written.
    """
    lease = Lease(folder / LEASE, LIVES)
    # read before the process is looked at: a new holder has another name
    holder = lease.holder
    gone = is_gone(read_progress(folder))
    return lease if lease.take(holder if gone else None) else None


def _is_young(path: Path) -> bool:
    try:
        return abs(time.time() - path.stat().st_mtime) < LIVES
    except OSError:
        return False

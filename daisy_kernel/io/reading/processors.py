"""How many processors this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def processors() -> int:
    """Count them by affinity and by the limit of the container or batch job."""
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    return max(1, min([allowed, *map(math.ceil, limits(_own_group()))]))


def limits(group: str, root: Path = _CGROUPS) -> Iterator[float]:
    """Give the limits of a control group and of all groups around it.

    Parameters
    ----------
    group
        Path of the group below *root*, as /proc/self/cgroup has it.
    root
        Where control groups (version 2) are mounted.
    """
    folder = root / group.lstrip("/")
    for place in (folder, *folder.parents):
        if not place.is_relative_to(root):
            return
        quota, period = _read(place / "cpu.max")
        if quota.isdigit() and period.isdigit() and int(period):
            yield int(quota) / int(period)


def _own_group() -> str:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return ""
    return next((line[3:] for line in lines if line.startswith("0::")), "")


def _read(path: Path) -> tuple[str, str]:
    try:
        quota, _, period = path.read_text().strip().partition(" ")
    except OSError:
        return "", ""
    return quota, period

"""How many processors and how much memory this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_MEMORY = Path("/proc/meminfo")
# less is never too much to be kept, and not worth asking
_LARGE = 256 << 20


def processors() -> int:
    """Count them by affinity and by the limit of the container or batch job."""
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    return max(1, min([allowed, *map(math.ceil, processor_limits(_own_group()))]))


def processor_limits(group: str, root: Path = _CGROUPS) -> Iterator[float]:
    """Give the limits of a control group and of all groups around it.

    Parameters
    ----------
    group
        Path of the group below *root*, as /proc/self/cgroup has it.
    root
        Where control groups (version 2) are mounted.
    """
    for folder in _groups(group, root):
        quota, _, period = _read(folder / "cpu.max").partition(" ")
        if quota.isdigit() and period.isdigit() and int(period):
            yield int(quota) / int(period)


def is_beyond_memory(nbytes: int) -> bool:
    """Whether the kernel cannot keep what is read, beside what it is read into."""
    return nbytes >= _LARGE and nbytes > available_memory() // 2


def available_memory() -> int:
    """Count bytes that may still be used, cached file pages counted as free."""
    lines = map(str.split, _read(_MEMORY).splitlines())
    # a system that does not say has enough
    whole = next((int(n) for name, n, *_ in lines if name == "MemAvailable:"), 1 << 40)
    return min([whole << 10, *free_memory(_own_group())])


def free_memory(group: str, root: Path = _CGROUPS) -> Iterator[int]:
    """Give what a control group and all groups around it leave, in bytes.

    Parameters
    ----------
    group, root
        As in `processor_limits`.
    """
    for folder in _groups(group, root):
        most, used = _read(folder / "memory.max"), _read(folder / "memory.current")
        if most.isdigit() and used.isdigit():
            lines = map(str.split, _read(folder / "memory.stat").splitlines())
            cached = next((int(n) for name, n in lines if name == "inactive_file"), 0)
            yield max(0, int(most) - int(used) + cached)


def _groups(group: str, root: Path) -> Iterator[Path]:
    folder = root / group.lstrip("/")
    for place in (folder, *folder.parents):
        if not place.is_relative_to(root):
            return
        yield place


def _own_group() -> str:
    lines = _read(Path("/proc/self/cgroup")).splitlines()
    return next((line[3:] for line in lines if line.startswith("0::")), "")


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""

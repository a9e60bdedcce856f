"""Bounds of a server that is a process of this machine, without cgroups.

They are the kernel's, but they are bounds of processes and not of a server as a whole:

- memory: each process may reserve so much (RLIMIT_DATA: the heap, stacks of threads,
  what else it alone can write). Beyond, a notebook gets a MemoryError and lives on.
- processors: the server is given that many of the machine's. Its own programs could
  take more on purpose; by accident they do not.
- time: the server is ended after so long.

Containers are bounded as a whole; whoever needs that on one host uses them.
"""

import functools
import os
import shutil

from daisy_hub.starting.profiles import ServerProfile

SECONDS_OF_HOUR = 3600
GRACE_SECONDS = 20
_SYSTEM = "/usr/bin:/bin:/usr/sbin:/sbin"


class LimitsUnavailable(Exception):
    """A program that sets limits is missing; the text says which."""


def outer_words(profile: ServerProfile, seed: int) -> list[str]:
    """Return the command's beginning that bounds memory and processors.

    Parameters
    ----------
    seed
        A number of the account, by which accounts get different processors.
    """
    words = []
    if profile.memory is not None:
        words += [_program("prlimit"), f"--data={int(profile.memory)}", "--"]
    if profile.whole_cpus is not None:
        chosen = _some(sorted(os.sched_getaffinity(0)), profile.whole_cpus, seed)
        words += [_program("taskset"), "--cpu-list", ",".join(map(str, chosen))]
    return words


def time_words(profile: ServerProfile) -> list[str]:
    """Return the command's beginning that ends a server in time."""
    if profile.hours is None:
        return []
    seconds = int(profile.hours * SECONDS_OF_HOUR)
    return ["timeout", f"--kill-after={GRACE_SECONDS}", str(max(seconds, 1))]


def _some(cpus: list[int], count: int, seed: int) -> list[int]:
    first = seed % len(cpus)
    return sorted((cpus[first:] + cpus[:first])[:count])


@functools.cache
def _program(name: str) -> str:
    found = shutil.which(name, path=_SYSTEM)
    if found is None:
        raise LimitsUnavailable(
            f"{name} is missing, by which a server profile's limits are set. It "
            "belongs to util-linux: apt-get install util-linux"
        )
    return found

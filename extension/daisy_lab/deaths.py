"""Why a kernel ended that nobody ended: said in the cell that it was running.

The system tells little: a number of a signal, and, where there is a cgroup, how often
it has killed for want of memory. What a kernel holds is looked at every second, since a
process that is gone cannot be asked.
"""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

LOOK_SECONDS = 1.0
GIB = 2**30
MEMINFO = Path("/proc/meminfo")
# of a container: version 2, and version 1
EVENTS = (
    Path("/sys/fs/cgroup/memory.events"),
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
)
LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
ADVICE = (
    "Work on fewer frames at once (`for block in frames.blocks(axis=0, "
    'memory="1 GiB")`), on a cluster (`daisy.engine("gateway")`), or in a larger '
    "server."
)
UNFINISHED = "This cell did not finish."


class Deaths:
    """What kernels held, for when one has gone.

    Parameters
    ----------
    kernels
        The server's kernel manager.
    """

    def __init__(self, kernels: Any) -> None:
        self._kernels = kernels
        self._held: dict[str, int] = {}
        self._kills = memory_kills()

    async def watch(self) -> None:
        """Look at all kernels every second, until the task is cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Note what each kernel holds now."""
        ids = list(self._kernels.list_kernel_ids())
        held = {
            kernel_id: _resident(_pid(self._kernels, kernel_id)) for kernel_id in ids
        }
        # one that cannot be read any more keeps its last number
        self._held = {i: size or self._held.get(i, 0) for i, size in held.items()}

    def why(self, kernel_id: str) -> str:
        """Say why a kernel's process has ended; "" where it was ended on purpose."""
        code = _exit_code(self._kernels, kernel_id)
        if code is None:
            return ""
        if code == -signal.SIGKILL:
            return f"{self._killed(kernel_id)} {UNFINISHED}\n{ADVICE}"
        if code < 0:
            name = signal.Signals(-code).name
            return f"The kernel crashed (signal {-code}, {name}). {UNFINISHED}"
        return f"The kernel ended by itself with code {code}. {UNFINISHED}"

    def _killed(self, kernel_id: str) -> str:
        kills, before = memory_kills(), self._kills
        self._kills = kills
        if kills > before:
            cause = "The kernel was ended because memory ran out"
        else:
            cause = (
                "The kernel was killed (signal 9), most likely because memory ran out"
            )
        held, limit = self._held.get(kernel_id, 0), memory_limit()
        numbers = f"it held {held / GIB:.1f} of {limit / GIB:.1f} GiB" if held else ""
        return f"{cause}: {numbers} when last looked at." if numbers else f"{cause}."


def memory_kills() -> int:
    """Return how often the system has killed here for want of memory, if it counts."""
    for path in EVENTS:
        words = _words(path)
        if "oom_kill" in words:
            return int(words[words.index("oom_kill") + 1])
    return 0


def memory_limit() -> int:
    """Return the bytes that all processes here may hold together."""
    words = _words(MEMINFO)
    machine = int(words[words.index("MemTotal:") + 1]) * 1024
    found = (_words(path) for path in LIMITS)
    limits = [int(w[0]) for w in found if w and w[0].isdigit()]
    return min([machine, *limits])


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []


def _resident(pid: int | None) -> int:
    words = _words(Path(f"/proc/{pid}/statm"))
    return int(words[1]) * os.sysconf("SC_PAGESIZE") if words else 0


def _process(kernels: Any, kernel_id: str) -> Any:
    try:
        provisioner = kernels.get_kernel(kernel_id).provisioner
    except KeyError:
        return None
    return getattr(provisioner, "process", None)


def _pid(kernels: Any, kernel_id: str) -> int | None:
    return getattr(_process(kernels, kernel_id), "pid", None)


def _exit_code(kernels: Any, kernel_id: str) -> int | None:
    return getattr(_process(kernels, kernel_id), "returncode", None)

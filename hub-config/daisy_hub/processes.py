"""Find and end processes: those of an installation, those inside a sandbox.

A sandbox is three processes deep: bubblewrap outside, bubblewrap as pid 1 inside,
the command. A signal to the outer one would not reach the command; the end of
pid 1 ends everything inside.
"""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

import psutil

from daisy_hub.settings import INSTANCE_VARIABLE

PATIENCE_SECONDS = 8.0


def of_instance(instance: str) -> list[psutil.Process]:
    """List the running processes that carry an installation's mark."""
    return [p for p in psutil.process_iter() if _variable(p) == instance]


def _variable(process: psutil.Process) -> str | None:
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return None
        value = process.environ().get(INSTANCE_VARIABLE)
    except (psutil.Error, OSError):
        return None
    return None if value is None else str(value)


def signal_sandbox(pid: int, number: int) -> bool:
    """Send a signal to what runs in the sandbox whose outer process is `pid`.

    Returns
    -------
    :
        False where there is no such process any more.
    """
    try:
        inside = psutil.Process(pid).children()
        command = [p for init in inside for p in init.children()]
        for process in command if number != signal.SIGKILL and command else inside:
            process.send_signal(number)
        if number == signal.SIGKILL or not inside:
            os.kill(pid, number)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return False
    return True


def end(
    processes: Iterable[psutil.Process], patience: float = PATIENCE_SECONDS
) -> None:
    """End processes: ask, wait, then kill."""
    running = list(processes)
    # bubblewrap ends by itself when its command does, and only then in order
    for process in running:
        if _name(process) != "bwrap":
            _send(process, signal.SIGTERM)
    _, left = psutil.wait_procs(running, timeout=patience)
    for process in left:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(left, timeout=5)


def wait_until(condition: Iterator[bool], seconds: float) -> bool:
    """Ask a generator of answers every 0.1 s until one is true or time is over."""
    limit = time.monotonic() + seconds
    for answer in condition:
        if answer:
            return True
        if time.monotonic() > limit:
            return False
        time.sleep(0.1)
    return False


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.Error:
        return ""


def _send(process: psutil.Process, number: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)

"""End what an account runs: its server, kernels, terminals, runs and clusters."""

import subprocess
from contextlib import suppress

import psutil

from daisy_hub import processes
from daisy_hub.homes import sandbox_of
from daisy_hub.settings import Settings

SECONDS = 60


def end_account(settings: Settings, name: str) -> int:
    """End every process of an account, and return how many there were."""
    running = processes_of(settings, name)
    processes.end(running)
    return len(running)


def processes_of(settings: Settings, name: str) -> list[psutil.Process]:
    """List what runs in an account's sandboxes, with the sandboxes themselves.

    A sandbox knows its account by the environment it was started with; that of the
    sandbox's own two processes nobody inside can change, and with them all inside end.
    """
    return [p for p in processes.of_instance(settings.instance) if _is_of(p, name)]


def forget_caches(settings: Settings, name: str) -> None:
    """Delete the account's caches, which may hold pictures of what it lost.

    As the account and in its sandbox: in a home nothing is done with the hub's rights.
    """
    sandbox = sandbox_of(settings, name)
    cache = str(sandbox.inner_home / ".cache" / "daisy")
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(
            sandbox.command(["rm", "-rf", "--one-file-system", cache]),
            env={**sandbox.variables(), "DAISY_INSTANCE": settings.instance},
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )


def _is_of(process: psutil.Process, name: str) -> bool:
    try:
        return bool(process.environ().get("USER") == name)
    except (psutil.Error, OSError):
        return False

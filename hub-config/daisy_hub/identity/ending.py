"""End what runs for an account: the hub and the gateway do it, or it is done here."""

from collections.abc import Iterator

import psutil

from daisy_hub import processes
from daisy_hub.settings import Settings

PATIENCE_SECONDS = 6.0  # for the hub to stop a server in order


def end_processes(settings: Settings, name: str, *, hub_is_up: bool) -> int:
    """End the server and the clusters of an account; say how many had to be killed.

    A hub that is up sees by itself that the account has ended, and lets the server
    save what it has. What is still there afterwards is ended here.
    """

    def gone() -> Iterator[bool]:
        while True:
            yield not processes_of(settings, name)

    if hub_is_up and processes.wait_until(gone(), PATIENCE_SECONDS):
        return 0
    left = processes_of(settings, name)
    processes.end(left, patience=2)
    return len(left)


def processes_of(settings: Settings, name: str) -> list[psutil.Process]:
    """List what runs in an account's sandboxes, with the sandboxes themselves."""
    return [p for p in processes.of_instance(settings.instance) if _owner(p) == name]


def _owner(process: psutil.Process) -> str | None:
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        return None
    if "DASK_GATEWAY_CLUSTER_NAME" in environment:
        return str(environment.get("USER"))
    return environment.get("JUPYTERHUB_USER")

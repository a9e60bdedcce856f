"""End what runs for an account: the hub and the gateway do it, or it is done here."""

from collections.abc import Iterator

from daisy_hub import processes
from daisy_hub.grants.ending import processes_of
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

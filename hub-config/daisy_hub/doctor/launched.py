"""Ask the launcher of containers what it would do, and what runs."""

import asyncio
from typing import Any

from daisy_hub.launcher import LauncherClient
from daisy_hub.settings import Settings


def ask(settings: Settings, verb: str, **entries: Any) -> dict[str, Any]:
    """Ask one thing.

    Raises
    ------
    LauncherFailed
        With the launcher's own words, or that it is away.
    """
    client = LauncherClient(settings.launcher_socket)
    return asyncio.run(client.ask(verb, **entries))

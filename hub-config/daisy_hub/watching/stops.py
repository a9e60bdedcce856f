"""When servers were stopped through the hub, by their users or an administrator.

The hub's processes and the service know of each other by files only: a stop is the
time of an empty file, so that it is known also after a restart of both.
"""

import time
from pathlib import Path

from daisy_hub.settings import Settings


def note_stop(settings: Settings, user: str) -> None:
    """Note that a user's server was stopped on purpose, now."""
    path = _file(settings, user)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)


def rests_for(settings: Settings, user: str) -> float:
    """Give the seconds for which a server that was stopped on purpose is left alone."""
    try:
        age = time.time() - _file(settings, user).stat().st_mtime
    except FileNotFoundError:
        return 0.0
    return max(0.0, settings.watching_rest_seconds - max(age, 0.0))


def _file(settings: Settings, user: str) -> Path:
    return settings.state / "stopped" / user

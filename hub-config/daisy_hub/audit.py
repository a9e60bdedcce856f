"""The audit log: who did what to whose data and servers, one JSON object a line.

Requirements: a line is whole or not there, whichever processes write at once; it is
on disk before what it tells of goes on; nothing in it is a secret; who can read it
can read it with `jq`.
"""

import getpass
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from daisy_hub.settings import Settings

MODE = 0o600


def record(settings: Settings, event: str, *, actor: str, **details: Any) -> None:
    """Append one event to the audit log.

    Parameters
    ----------
    event
        What happened, as `login.accepted`, `grant.added`, `server.started`.
    actor
        The account or part that did it: `anna`, `daisy-grants`, `root at a shell`.
    details
        What it was done to: `account`, `proposal`, `reason`, ... No secrets.
    """
    line = json.dumps(
        {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event,
            "actor": actor,
            **details,
        },
        default=str,
    )
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(
        settings.audit_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE
    )
    try:
        # one write of an appended file: lines of others cannot mix in
        os.write(file, line.encode() + b"\n")
        os.fsync(file)
    finally:
        os.close(file)


def at_a_shell() -> str:
    """Name who calls a command here: whoever became root as themselves.

    The system's list of users need not have them.
    """
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except KeyError:
        name = f"uid {os.getuid()}"
    return f"{name} at a shell"


def events(settings: Settings, event: str = "") -> Iterator[dict[str, Any]]:
    """Read the log, oldest first; only events whose name begins with *event*."""
    if not settings.audit_file.exists():
        return
    for line in settings.audit_file.read_text().splitlines():
        entry: dict[str, Any] = json.loads(line)
        if entry["event"].startswith(event):
            yield entry

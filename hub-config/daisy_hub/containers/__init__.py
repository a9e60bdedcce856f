"""Containers of accounts and of the installation itself, through docker's daemon.

Used by the launcher and by `daisy-hub` at an operator's shell, and by nobody else:
who may talk to the daemon is root on the host.
"""

from daisy_hub.containers import front, networks
from daisy_hub.containers.arguments import account_arguments
from daisy_hub.containers.engine import (
    Engine,
    EngineUnavailable,
    ImageInUse,
    ImageMissing,
    NotStarted,
    State,
)

__all__ = [
    "Engine",
    "EngineUnavailable",
    "ImageInUse",
    "ImageMissing",
    "NotStarted",
    "State",
    "account_arguments",
    "front",
    "networks",
]

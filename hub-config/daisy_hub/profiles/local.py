"""Processes of this machine behind bubblewrap's wall: no container engine."""

from typing import Any

DEFAULTS: dict[str, Any] = {}

"""The software that this process runs in: its generation, and its named environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

MARK = "daisy-environment.json"  # written last: an environment without it is half made


def environment_here() -> str:
    """Give the folder of the named environment that this is, or "" for the usual one.

    Workers that are asked for from here are given the same.
    """
    prefix = Path(sys.prefix).resolve()
    return str(prefix) if (prefix / MARK).is_file() else ""


def generation_here() -> str:
    """Give the hub's name for the software that this server was started with, or ""."""
    return os.environ.get("DAISY_GENERATION", "")

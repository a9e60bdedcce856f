"""The named environment that this process runs in, if it is one."""

from __future__ import annotations

import sys
from pathlib import Path

MARK = "daisy-environment.json"  # written last: an environment without it is half made


def environment_here() -> str:
    """Give the folder of the named environment that this is, or "" for the usual one.

    Workers that are asked for from here are given the same.
    """
    prefix = Path(sys.prefix).resolve()
    return str(prefix) if (prefix / MARK).is_file() else ""

"""Which files are SPEC files: known without silx, by their first lines."""

from __future__ import annotations

import re
from pathlib import Path

_START = re.compile(rb"\A\s*#(F |S\s+\d)")
_LOOKED_AT = 1024


def is_spec(path: Path) -> bool:
    """Whether a file begins with a SPEC file header or a scan header."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return bool(_START.match(file.read(_LOOKED_AT)))

"""The folders that may be read, and links that lead out of them."""

from __future__ import annotations

import os
from pathlib import Path

Roots = tuple[Path, ...] | None


def allows(path: Path, roots: Roots) -> bool:
    """Whether a file may be read, links resolved; no roots allow everything."""
    if roots is None:
        return True
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(root) for root in roots)

"""Which files hold detector frames: known without fabio, by suffix or first bytes."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from daisy_kernel.io.folder import in_order

_SUFFIX = re.compile(
    r"\.(edf|cbf|mccd|mar\d{4}|img|sfrm|gfrm|osc|kcd|spe|dm3|msk|mrc|pgm|pnm"
    r"|esper|eseperanto)(\.gz|\.bz2)?$"
)
# the brace of EDF alone begins many other files
_BEGINNINGS = (b"###CBF", b"{\nHEADER_BYTES", b"R-AXIS", b"ESPERANTO FORMAT")
_EDF = re.compile(rb"\A\s*\{[^}]*\b(EDF_DataBlockID|HeaderID|Dim_1)\s*=", re.I)
_LOOKED_AT = 1024


def frame_suffix(path: Path) -> str | None:
    """Give the suffix, without compression, if it is one of a detector format."""
    found = _SUFFIX.search(path.name.lower())
    return found[1] if found else None


def is_frame_file(path: Path) -> bool:
    """Whether a file holds detector frames."""
    if not path.is_file():
        return False
    if frame_suffix(path):
        return True
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
    return start.startswith(_BEGINNINGS) or bool(_EDF.match(start))


def is_frame_folder(path: Path) -> bool:
    """Whether a folder holds files of detector frames."""
    return path.is_dir() and any(frame_suffix(p) for p in path.iterdir())


def frame_files(folder: Path) -> tuple[list[Path], tuple[str, ...]]:
    """List the frames of a folder in natural order.

    Where several formats lie together, a mask beside the frames for example, the one
    with most files is meant, and a note says what was left out.
    """
    found = in_order(folder, lambda path: bool(frame_suffix(path)))
    counts = Counter(frame_suffix(path) for path in found)
    if not counts:
        return [], ()
    chosen = counts.most_common(1)[0][0]
    notes = tuple(
        f"{count} .{suffix} file(s) beside the .{chosen} files are left out"
        for suffix, count in counts.items()
        if suffix != chosen
    )
    return [path for path in found if frame_suffix(path) == chosen], notes

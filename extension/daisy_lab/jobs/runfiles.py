"""Files of runs, looked at with care: any member of a proposal may have put them there.

Links are not followed, and only plain files are read, up to a size.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from daisy_kernel.model.errors import OutsideData
from daisy_kernel.workflow.runs import Run
from daisy_kernel.workflow.runs.index import Entry, index_of
from daisy_kernel.workflow.runs.plain import read_plain
from daisy_kernel.workflow.runs.record import LOG, PICTURE

MOST_PICTURE = 2**22
MOST_LOG = 2**16  # bytes at the end of a log
PNG = b"\x89PNG\r\n\x1a\n"


def runs_of(proposal: Path, roots: list[str]) -> list[Entry]:
    """Give all runs of a proposal, the newest first."""
    processed = (proposal / "processed").resolve()
    return index_of(processed).look() if is_inside(processed, roots) else []


def open_run(folder: Path, roots: list[str]) -> Run:
    """Give the run in a folder.

    Raises
    ------
    FileMissing, FileDamaged, OutsideData
    """
    if not is_inside(folder.resolve(), roots):
        raise OutsideData(str(folder), "it is outside your data")
    return Run(folder)


def picture(folder: Path) -> bytes:
    """Give the PNG of a run; b"" where there is none that may be shown."""
    with suppress(OSError, ValueError):
        found = read_plain(folder / PICTURE, MOST_PICTURE)
        return found if found.startswith(PNG) else b""
    return b""


def picture_tag(folder: Path) -> str:
    """Give what changes with the picture of a run; empty if it has none."""
    path = folder / PICTURE
    if not size_of(path, MOST_PICTURE):
        return ""
    with suppress(OSError):
        return f"{path.lstat().st_mtime_ns:x}"
    return ""


def end_of_log(folder: Path) -> str:
    """Give the last lines of a log."""
    path = folder / LOG
    if size_of(path) is None:
        return ""
    with suppress(OSError), _opened(path) as file:
        cut = max(file.seek(0, os.SEEK_END) - MOST_LOG, 0)
        file.seek(cut)
        text = file.read(MOST_LOG).decode("utf-8", "replace")
        return text.partition("\n")[2] if cut else text
    return ""


def is_inside(path: Path, roots: list[str]) -> bool:
    """Say whether a path without links lies below one of the roots."""
    return any(path.is_relative_to(root) for root in roots)


def size_of(path: Path, most: float = float("inf")) -> int | None:
    """Give the size of a plain file; None of anything else, and of what is larger."""
    try:
        found = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        return None
    return found.st_size


def _opened(path: Path) -> BinaryIO:
    # what was a plain file a moment ago may be a link or a pipe now
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    return os.fdopen(os.open(path, flags), "rb")

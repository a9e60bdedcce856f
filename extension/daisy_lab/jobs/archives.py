"""Job on a folder: which files it holds, and what they are like."""

import os
from collections.abc import Iterator
from pathlib import Path

from daisy_lab.jobs.datasets import TooLarge
from daisy_lab.jobs.values import Result

MOST_FILES = 100_000


def listing(path: str, roots: list[str]) -> Result:
    """List all files below a folder, in the order of their names.

    Links are followed to files inside the roots, and to no folder.
    """
    folder = Path(path)
    allowed = [Path(root) for root in roots]
    files: list[list[object]] = []
    left_out: list[str] = []
    for file in _walk(folder):
        name = file.relative_to(folder.parent).as_posix()
        reason = _reason_against(file, allowed)
        if reason:
            left_out.append(f"{name}: {reason}")
            continue
        s = file.stat()
        identity = [s.st_dev, s.st_ino, s.st_mtime_ns, s.st_size]
        files.append([name, str(file.resolve()), identity])
        if len(files) > MOST_FILES:
            raise TooLarge(
                f"the folder has more than {MOST_FILES} files: "
                "download its folders one by one"
            )
    return {"files": files, "left_out": left_out}, b""


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        else:
            yield Path(entry.path)


def _reason_against(file: Path, roots: list[Path]) -> str:
    try:
        found = file.resolve(strict=True)
    except (OSError, RuntimeError):
        return "a link that leads nowhere"
    if not any(found.is_relative_to(root) for root in roots):
        return "a link that leads out of your data"
    if not found.is_file():
        return "a link to a folder" if found.is_dir() else "not a file"
    return "" if os.access(found, os.R_OK) else "permission denied"

"""One's own submitted runs that have not ended: kept alive, and gone on with.

A small file per run in the user's own state folder, so that nobody has to look through
all proposals.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from daisy_kernel.catalog.place import submitted_folder
from daisy_kernel.model.errors import DataError
from daisy_kernel.workflow.runs.record import ENDED, read_progress, read_record
from daisy_kernel.workflow.runs.run import state_of

_TRIES = 3


def register(folder: Path) -> None:
    """Note a run that was submitted; one that cannot be noted runs all the same."""
    with suppress(OSError):
        submitted_folder().mkdir(parents=True, exist_ok=True)
        _entry(folder).write_text(f"{folder}\n0\n")


def is_any_alive() -> bool:
    """Whether one of one's own submitted runs waits or runs."""
    return any(state in ("waiting", "running") for _, state, _ in _open())


def go_on() -> list[Path]:
    """Start the runs again that were lost: with a server that was ended, say.

    Returns
    -------
    :
        Their folders. One that gets lost again and again is left.
    """
    from daisy_kernel.workflow.runs.submit import start_runner

    begun = []
    for folder, state, tries in list(_open()):
        if state != "lost":
            continue
        if tries >= _TRIES:
            _entry(folder).unlink(missing_ok=True)
            continue
        with suppress(OSError):
            _entry(folder).write_text(f"{folder}\n{tries + 1}\n")
            start_runner(folder)
            begun.append(folder)
    return begun


def _open() -> Iterator[tuple[Path, str, int]]:
    """Give runs that have not ended; others are forgotten."""
    try:
        names = os.listdir(submitted_folder())
    except OSError:
        return
    for name in names:
        path = submitted_folder() / name
        try:
            folder, tries = path.read_text().splitlines()
            read_record(Path(folder))
            state = state_of(Path(folder), read_progress(Path(folder)))
        except (OSError, ValueError, DataError):
            state, folder, tries = "done", "", "0"
        if state in ENDED:
            path.unlink(missing_ok=True)
        else:
            yield Path(folder), state, int(tries)


def _entry(folder: Path) -> Path:
    return submitted_folder() / hashlib.sha256(str(folder).encode()).hexdigest()[:24]

"""Where the runs of a scan are, and which of them there are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from daisy_kernel.io.results import new_folder, results_folder
from daisy_kernel.model.errors import FileDamaged, FileMissing, ParameterRefused
from daisy_kernel.workflow.runs.record import RECORD, Record, read_record


def place_for(scan: str, folder: str | os.PathLike[str] | None, workflow: str) -> Path:
    """Give the folder that runs of a scan go to.

    Parameters
    ----------
    folder
        What the user wants; else `processed/<scan>` of the scan's proposal.
    workflow
        Name for the runs of what lies in no proposal: they are kept with the user's
        own data.
    """
    if folder is not None:
        return Path(folder).expanduser().absolute()
    try:
        return results_folder(scan)
    except ParameterRefused:
        name = Path(scan).stem if scan else workflow
        return platformdirs.user_data_path("daisy") / "runs" / name


def new_run(place: Path) -> Path:
    """Make the next free folder `run_NNN`.

    Raises
    ------
    FileMissing
        It may not be written; the message says what to do.
    """
    return new_folder(place)


def runs_in(place: Path) -> Iterator[tuple[Path, Record]]:
    """Give the runs of a scan, the newest first; what is no run is passed over."""
    try:
        names = sorted((p.name for p in place.iterdir()), reverse=True)
    except OSError:
        return
    for name in names:
        if not (place / name / RECORD).is_file():
            continue
        try:
            yield place / name, read_record(place / name)
        except (FileMissing, FileDamaged):
            continue

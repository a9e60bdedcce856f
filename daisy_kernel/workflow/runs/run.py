"""A run as whoever looks at it sees it, from any process, during it and later."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path

from daisy_kernel.io.open import locate
from daisy_kernel.model import DataObject
from daisy_kernel.model.errors import (
    AlgorithmFailed,
    DataError,
    FieldNotFound,
    RunStopped,
)
from daisy_kernel.workflow.runs.alive import is_alive
from daisy_kernel.workflow.runs.line import RunLine, duration
from daisy_kernel.workflow.runs.notes import read_note, write_note
from daisy_kernel.workflow.runs.plain import read_plain
from daisy_kernel.workflow.runs.record import (
    ENDED,
    LOG,
    PICTURE,
    RECORD,
    STOP,
    THUMBNAIL,
    Progress,
    Record,
    State,
    read_progress,
    read_record,
)
from daisy_kernel.workflow.runs.results import open_result
from daisy_kernel.workflow.runs.table import (
    STEPS,
    html_table,
    step_rows,
    text_table,
)

_LOOK_EVERY = 0.3
_MOST_PICTURE, _MOST_THUMBNAIL = 4 << 20, 64 << 10  # bytes


class Run(Mapping[str, DataObject]):
    """One execution of a workflow, in a folder of its own.

    As a mapping it gives the results by name, lazy until they are read.

    Parameters
    ----------
    folder
        Of the run; also below the data folder, like
        "B7/2026-0042/processed/tooth/run_001".

    Raises
    ------
    FileMissing
        There is no run in it.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = locate(folder)
        self.record: Record = read_record(self.folder)

    @property
    def name(self) -> str:
        """Name of its folder, like "run_003"."""
        return self.folder.name

    @property
    def progress(self) -> Progress:
        """How it goes, as it was last written down."""
        return read_progress(self.folder)

    @property
    def state(self) -> State:
        """How it is now.

        One of "waiting", "running", "done", "failed", "stopped", and "lost" if whatever
        carried it out is gone: run it again, and it goes on from its finished blocks.
        """
        return state_of(self.folder, self.progress)

    @property
    def error(self) -> str:
        """Why it failed."""
        return self.progress.error

    @property
    def note(self) -> str:
        """What its owner says of it; may be changed at any time, and is seen by all.

        Raises
        ------
        ParameterRefused
            It is too long, has several lines or control characters.
        WriteFailed
            The run is somebody else's, or its folder may not be written.
        """
        return read_note(self.folder, self.record.note)

    @note.setter
    def note(self, text: str) -> None:
        write_note(self.folder, self.record, text)

    @property
    def files(self) -> dict[str, Path]:
        """Files of the results that are there."""
        return {k: self.folder / v for k, v in self.progress.files.items()}

    @property
    def picture(self) -> bytes:
        """A PNG of its first result; b"" if there is none."""
        try:
            return read_plain(self.folder / PICTURE, _MOST_PICTURE)
        except (OSError, ValueError):
            return b""

    @property
    def thumbnail(self) -> bytes:
        """The same for a list, some kilobytes; the picture where there is none."""
        try:
            return read_plain(self.folder / THUMBNAIL, _MOST_THUMBNAIL)
        except (OSError, ValueError):
            return self.picture

    @property
    def log(self) -> str:
        """Say what happened, line by line."""
        try:
            return (self.folder / LOG).read_text()
        except OSError:
            return ""

    @property
    def text(self) -> str:
        """All of it, line by line, and what each algorithm has done so far."""
        progress = self.progress
        rows = self._about(progress)
        width = max(len(key) for key, _ in rows)
        lines = [f"{key.ljust(width)}  {value}" for key, value in rows]
        if progress.steps:
            lines += ["", *text_table(STEPS, step_rows(progress))]
        return "\n".join(lines)

    def stop(self) -> None:
        """Ask it to stop; what is finished stays, and can be gone on with."""
        (self.folder / STOP).touch()

    def go_on(self) -> None:
        """Carry it out again in the background, from what is finished.

        Raises
        ------
        WorkflowRefused
            It goes on, is done, is somebody else's, or was not submitted.
        """
        # that starts runs, and gives them as this class
        from daisy_kernel.workflow.runs.submit import go_on

        go_on(self)

    def wait(self, timeout: float | None = None) -> Run:
        """Wait until it has ended.

        Raises
        ------
        AlgorithmFailed, RunStopped
            It failed, was stopped or got lost.
        TimeoutError
            It goes on.
        """
        self._watch(lambda _: None, timeout)
        return self

    def follow(self) -> Run:
        """Show its progress until it has ended; interrupting only stops looking."""
        self._watch(RunLine(f"{self.record.workflow} {self.name}"), None)
        return self

    def _watch(self, show: Callable[[Progress], None], timeout: float | None) -> None:
        until = None if timeout is None else time.monotonic() + timeout
        while (state := self.state) not in (*ENDED, "lost"):
            show(self.progress)
            if until is not None and time.monotonic() > until:
                raise TimeoutError(f"{self.name} is {state} after {timeout} s")
            time.sleep(_LOOK_EVERY)
        show(self.progress)
        if state == "failed":
            raise AlgorithmFailed(f"{self.name} failed: {self.error}")
        if state != "done":
            raise RunStopped(
                f"{self.name} is {state}: run it again to go on from what is finished"
            )

    def __getitem__(self, name: str) -> DataObject:
        files = self.files
        if name not in files:
            where = f"{self.folder} ({self.state})"
            raise FieldNotFound(where, name, files)
        return open_result(files[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.progress.files)

    def __len__(self) -> int:
        return len(self.progress.files)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    def __repr__(self) -> str:
        return f"<Run {self.folder}: {self.record.workflow}, {self.state}>"

    def _repr_html_(self) -> str:
        progress = self.progress
        cells = "".join(
            f'<tr><td style="text-align:left">{escape(key)}</td>'
            f'<td style="text-align:left">{escape(value)}</td></tr>'
            for key, value in self._about(progress)
        )
        steps = html_table(STEPS, step_rows(progress)) if progress.steps else ""
        return f"<table>{cells}</table>{steps}"

    def _about(self, progress: Progress) -> list[tuple[str, str]]:
        rows = [
            ("run", str(self.folder)),
            ("workflow", self.record.title or self.record.workflow),
            ("state", state_of(self.folder, progress)),
            ("by", f"{self.record.user}, {self.record.created}"),
            ("took", duration(progress.seconds)),
            ("note", self.note),
            ("error", progress.error),
        ]
        rows += [("result", f"{k}: {v}") for k, v in progress.files.items()]
        rows += [("remark", note) for note in progress.notes]
        return [(key, value) for key, value in rows if value]


def is_run(path: str | os.PathLike[str]) -> bool:
    """Whether a path, also one below the data folder, is that of a run."""
    try:
        return (locate(path) / RECORD).is_file()
    except DataError:
        return False


def state_of(folder: Path, progress: Progress) -> State:
    """Say how a run is, also if it could not write down its end."""
    if progress.state in ENDED or is_alive(folder, progress):
        return progress.state
    return "lost"

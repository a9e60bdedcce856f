"""What is written down of a run: once when it begins, and all the time how it goes."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from daisy_kernel.model.errors import FileDamaged, FileMissing
from daisy_kernel.workflow.runs.plain import read_plain

State = Literal["waiting", "running", "done", "failed", "stopped", "lost"]
# in which nothing will change by itself any more
ENDED: tuple[State, ...] = ("done", "failed", "stopped")
RECORD, STATE, WORKFLOW, LOG = "run.json", "state.json", "workflow.yaml", "log.txt"
STOP, LEASE, JOB, OBJECTS = "stop", ".lease", ".job.pickle", ".objects"
PICTURE, THUMBNAIL, NOTE = "picture.png", "thumbnail.png", "note.txt"
SOURCE = ".source.ipynb"  # of a run of a notebook

Kind = TypeVar("Kind", "Record", "Progress", "StepProgress")


@dataclass(frozen=True)
class Record:
    """What a run is, from its beginning.

    Attributes
    ----------
    identity
        The same for the same work on the same inputs.
    scan
        Path of the scan; empty if it works on other objects.
    parameters
        Those that were given for the run, like {"smooth.width": 5}.
    objects
        Identity of every object, by name.
    inputs
        What was given: for each name what kind it is and which files, as they were.
    steps
        Each algorithm with its place and all parameters.
    engine
        Name of the engine, or its name and options.
    note
        What it began with; see `Run.note`.
    memory
        Bytes that each process may take.
    again
        Whether everything is made anew, and nothing taken over from other runs.
    versions, environment
        Of the packages that were used, and digests of what was installed.
    """

    id: str
    identity: str
    workflow: str
    title: str = ""
    scan: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    results: tuple[str, ...] = ()
    objects: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Mapping[str, Any], ...] = ()
    user: str = ""
    host: str = ""
    created: str = ""
    note: str = ""
    engine: Any = "local"
    memory: str | int = "4 GiB"
    again: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class StepProgress:
    """How far a step has come.

    Attributes
    ----------
    blocks, of
        Done so far, and all; `reused` of them were there before.
    seconds
        Spent in the algorithm by all threads together.
    read
        Bytes of arrays that were read for it: of files, of what was given, of what a
        stage before has kept; not of what another algorithm handed over in memory. What
        several algorithms of a stage take is read once, and counted for the first of
        them; what an algorithm reads by itself is not known.
    written
        Bytes of the blocks that its objects were written to; not the results made of
        them in the end, nor what is put by while something is added up.

    All count since the run was started the last time. The sums over the steps are
    those of the run.
    """

    blocks: int = 0
    of: int = 0
    reused: int = 0
    seconds: float = 0.0
    read: int = 0
    written: int = 0


@dataclass
class Progress:
    """How a run goes.

    Attributes
    ----------
    done, total
        Bytes of what algorithms are given; `before` of what is done were there when
        the run was started the last time.
    read, written
        Bytes of arrays that were read, and of blocks that were written.
    pid, place, began
        Process that carries it out, where it can be seen, and when it began.
    files
        Results by name, relative to the run's folder.
    pictured, caption
        Name of the result that its picture shows, and what is seen of it: axes, units.
    """

    state: State = "waiting"
    started: str = ""
    ended: str = ""
    seconds: float = 0.0
    done: float = 0.0
    total: float = 0.0
    before: float = 0.0
    read: int = 0
    written: int = 0
    pid: int = 0
    place: str = ""
    began: str = ""
    steps: dict[str, StepProgress] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    pictured: str = ""
    caption: str = ""
    notes: list[str] = field(default_factory=list)
    error: str = ""


def write_json(path: Path, found: Record | Progress) -> None:
    """Write in the place of what is there, whole or not at all."""
    write_text(path, json.dumps(asdict(found), indent=1, default=_plain))


def write_text(path: Path, text: str) -> None:
    """Write in the place of what is there, whole or not at all."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write in the place of what is there, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_record(folder: Path) -> Record:
    """Read what a run is.

    Raises
    ------
    FileMissing, FileDamaged
    """
    return _read(folder / RECORD, Record)


def read_progress(folder: Path) -> Progress:
    """Read how a run goes; before it has begun, it waits."""
    try:
        found = _read(folder / STATE, Progress)
    except FileMissing:
        return Progress()
    steps: Mapping[str, Any] = found.steps
    found.steps = {name: _of(StepProgress, step) for name, step in steps.items()}
    return found


def _read(path: Path, kind: type[Kind]) -> Kind:
    try:
        return _of(kind, json.loads(read_plain(path)))
    except FileNotFoundError as error:
        raise FileMissing(str(path), "there is no run") from error
    except PermissionError as error:
        raise FileMissing(str(path), "permission denied") from error
    except (AttributeError, OSError, TypeError, ValueError) as error:
        raise FileDamaged(str(path), f"it cannot be read: {error}") from error


def _of(kind: type[Kind], found: Mapping[str, Any]) -> Kind:
    """Take what is known: another version may have written more, or less."""
    known = {entry.name for entry in fields(kind)}
    return kind(**{key: value for key, value in found.items() if key in known})


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)

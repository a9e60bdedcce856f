"""Start runs: here, or go on with one that was left."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from daisy_kernel.catalog.lease import Lease
from daisy_kernel.compute import Engine
from daisy_kernel.compute import engine as engine_of
from daisy_kernel.io.writing.publishing import refused
from daisy_kernel.model import DataObject, Scan
from daisy_kernel.model.errors import DaisyError, EngineUnavailable, RunStopped
from daisy_kernel.workflow.carry_out import MEMORY, carry_out
from daisy_kernel.workflow.files import to_yaml
from daisy_kernel.workflow.opening import scan_of
from daisy_kernel.workflow.runs.alive import LIVES, claimed
from daisy_kernel.workflow.runs.caption import caption_of
from daisy_kernel.workflow.runs.keeper import RunKeeper, Show, in_words, now
from daisy_kernel.workflow.runs.line import RunLine
from daisy_kernel.workflow.runs.objects import Objects, objects_of_runs
from daisy_kernel.workflow.runs.picture import THUMBNAIL_SIDE, picture_of
from daisy_kernel.workflow.runs.place import new_run, place_for, runs_in
from daisy_kernel.workflow.runs.prepare import Prepared, prepare
from daisy_kernel.workflow.runs.record import (
    LEASE,
    PICTURE,
    RECORD,
    STOP,
    THUMBNAIL,
    WORKFLOW,
    read_progress,
    write_bytes,
    write_json,
)
from daisy_kernel.workflow.runs.results import write_result
from daisy_kernel.workflow.runs.run import Run, state_of

# name of an engine, or {"name": "gateway", "workers": 4}
EngineChoice = str | Mapping[str, Any]
# so many runs of a scan are looked through for what is there already
_MOST_RUNS = 50


def run(
    what: Any,
    scan: Scan | str | os.PathLike[str] | None = None,
    *,
    engine: Engine | EngineChoice = "local",
    parameters: Mapping[str, Any] | None = None,
    results: Iterable[str] | None = None,
    note: str = "",
    memory: str | int = MEMORY,
    folder: str | os.PathLike[str] | None = None,
    again: bool = False,
    show: Show | None = None,
    **objects: Any,
) -> Run:
    """Run a workflow or an algorithm, and keep its results.

    What was run before with the same inputs, code and parameters is not run again; what
    was left unfinished is gone on with; and what another run of the scan has made
    already is taken over.

    Parameters
    ----------
    what
        A workflow, an algorithm, a function, or several in a row.
    scan
        An open scan or its path. An algorithm that asks for a scan gets it; where none
        does, the objects are the scan's data of these names, on the points that all
        have, or its default plot.
    engine
        Where it runs: an engine, its name, or name and options like
        ``{"name": "gateway", "workers": 4}``; see `daisy.engine`.
    parameters
        Of its algorithms, like ``{"smooth.width": 5}``.
    results
        Names of the objects that are wanted, if not those that the workflow is for.
    note
        Is shown with the run.
    memory
        Bytes that each process may take for its work, like "2 GiB".
    folder
        For the runs; by default `processed/<scan>` of the scan's proposal.
    again
        Make a new run of what was run before, and all of it anew.
    show
        Called with the progress now and then; writes a line by default.
    objects
        Data objects, arrays and numbers by name.

    Returns
    -------
    :
        The run, as a mapping of its results.

    Raises
    ------
    WorkflowError, DataError
        Before it begins, where that can be seen; else the run says so as well.
    RunStopped
        It was stopped; `run` again goes on.
    """
    chosen = isinstance(engine, str | Mapping)
    name = engine if isinstance(engine, str | Mapping) else engine.name
    with scan_of(scan) as opened, ExitStack() as stack:
        ready = prepare(
            what, opened, objects,
            parameters=parameters, results=results, note=note, engine=name,
            memory=memory, again=again,
        )  # fmt: skip
        place = place_for(ready.record.scan, folder, ready.workflow.name)
        if not again and (found := finished(place, ready)) is not None:
            return found
        own = engine_for(engine)
        if chosen:
            stack.callback(own.close)
        made, lease = (begin if again else claim)(place, ready)
        stack.enter_context(lease)
        line = RunLine(f"{ready.workflow.name} {made.name}")
        execute(made, ready, own, lease, show or line)
    return Run(made)


def finished(place: Path, ready: Prepared) -> Run | None:
    """Find a run of the same work that has all its results."""
    for folder, record in runs_in(place):
        if record.identity != ready.record.identity:
            continue
        progress = read_progress(folder)
        files = [folder / file for file in progress.files.values()]
        if progress.state == "done" and all(file.is_file() for file in files):
            return Run(folder)
    return None


def claim(place: Path, ready: Prepared) -> tuple[Path, Lease]:
    """Take over a run of the same work that was left, or make a new one."""
    for folder, record in runs_in(place):
        if record.identity != ready.record.identity:
            continue
        if state_of(folder, read_progress(folder)) in ("running", "waiting", "done"):
            continue
        with suppress(OSError):
            lease = claimed(folder)
            if lease is not None:
                (folder / STOP).unlink(missing_ok=True)
                return folder, lease
    return begin(place, ready)


def begin(place: Path, ready: Prepared) -> tuple[Path, Lease]:
    """Make the folder of a new run."""
    folder = new_run(place)
    lease = Lease(folder / LEASE, LIVES)
    with refused(folder):
        lease.take()
        (folder / WORKFLOW).write_text(to_yaml(ready.workflow))
        write_json(folder / RECORD, ready.record)
    return folder, lease


def execute(
    folder: Path, ready: Prepared, engine: Engine, lease: Lease, show: Show
) -> None:
    """Carry out a run whose lease is ours, and write down how it ended."""
    others = (
        []
        if ready.record.again
        else [
            (other, record.objects)
            for other, record in runs_in(folder.parent)
            if other != folder
        ]
    )
    known = objects_of_runs(iter(others[:_MOST_RUNS]))
    objects = Objects(folder, ready.identities, known)
    keeper = RunKeeper(folder, objects, lease, show)
    keeper.start([step.name for step in ready.steps], ready.total)
    try:
        made = carry_out(
            ready.steps,
            ready.objects,
            ready.workflow.results,
            engine,
            keeper,
            ready.record.memory,
        )
        for name, found in made.items():
            file = f"{name.replace('/', '.')}.h5"
            if not (folder / file).exists():
                text = (folder / WORKFLOW).read_text()
                write_result(folder / file, name, found, ready.record, text, now())
            keeper.progress.files[name] = file
        _draw(folder, made, keeper)
        keeper.end("done")
    except (KeyboardInterrupt, RunStopped) as error:
        keeper.end("stopped")
        if isinstance(error, KeyboardInterrupt):
            raise
        raise RunStopped(f"{folder}: {error}") from error
    except EngineUnavailable as error:
        keeper.end("stopped", str(error))
        raise
    except BaseException as error:
        keeper.end("failed", in_words(error))
        raise
    for name in made:
        objects.remove(name)


def engine_for(choice: Engine | EngineChoice) -> Engine:
    """Give the engine that was chosen.

    Raises
    ------
    EngineUnavailable
    """
    if isinstance(choice, str):
        return engine_of(choice)
    return engine_of(**choice) if isinstance(choice, Mapping) else choice


def _draw(folder: Path, made: Mapping[str, DataObject], keeper: RunKeeper) -> None:
    """Draw the first result of most axes; a run without a picture is one too."""
    for name, found in sorted(made.items(), key=lambda pair: -pair[1].ndim):
        try:
            picture, caption = picture_of(found), caption_of(found)
            small = picture_of(found, THUMBNAIL_SIDE)
        except (DaisyError, TypeError, ValueError, OSError) as error:
            keeper.say(f"{name} is not drawn: {error}")
            continue
        if picture:
            with suppress(OSError):
                write_bytes(folder / THUMBNAIL, small)
                write_bytes(folder / PICTURE, picture)
                keeper.progress.pictured = name
                keeper.progress.caption = caption
            return

"""Start runs that live outside of whoever started them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from daisy_kernel.io.writing.publishing import refused
from daisy_kernel.model import Scan
from daisy_kernel.model.errors import WorkflowRefused
from daisy_kernel.workflow.carry_out import MEMORY
from daisy_kernel.workflow.opening import scan_of
from daisy_kernel.workflow.runs.job import job_of, write_job
from daisy_kernel.workflow.runs.notes import is_own
from daisy_kernel.workflow.runs.place import place_for
from daisy_kernel.workflow.runs.prepare import prepare
from daisy_kernel.workflow.runs.record import (
    JOB,
    LOG,
    SOURCE,
    STATE,
    STOP,
    write_json,
)
from daisy_kernel.workflow.runs.register import register
from daisy_kernel.workflow.runs.run import Run
from daisy_kernel.workflow.runs.start import EngineChoice, begin, claim, finished

_RUNNER = "daisy_kernel.workflow.runs.runner"


def submit(
    what: Any,
    scan: Scan | str | os.PathLike[str] | None = None,
    *,
    engine: EngineChoice = "local",
    parameters: Mapping[str, Any] | None = None,
    results: Iterable[str] | None = None,
    note: str = "",
    memory: str | int = MEMORY,
    folder: str | os.PathLike[str] | None = None,
    again: bool = False,
    **objects: Any,
) -> Run:
    """Start a run in a process of its own, and come back at once.

    It goes on when the page is closed or the kernel ends. Look at it from anywhere with
    `daisy.runs()`; see `daisy.run` for the parameters.

    Returns
    -------
    :
        The run; see its `state`, `follow()`, `wait()` and `stop()`.

    Raises
    ------
    WorkflowError, DataError
        What is wrong with workflow, scan or objects is said here, not later.
    """
    with scan_of(scan) as opened:
        ready = prepare(
            what, opened, objects,
            parameters=parameters, results=results, note=note, engine=engine,
            memory=memory, again=again,
        )  # fmt: skip
        place = place_for(ready.record.scan, folder, ready.workflow.name)
        if not again and (found := finished(place, ready)) is not None:
            return found
        made, lease = (begin if again else claim)(place, ready)
        with lease:
            write_job(made, job_of(ready))
    start_runner(made)
    register(made)
    return Run(made)


def go_on(run: Run) -> None:
    """Carry a run out again in the background, from its finished blocks.

    Raises
    ------
    WorkflowRefused
        It cannot be gone on with; the message says why, and what to do.
    """
    if reason := why_not(run):
        raise WorkflowRefused(f"{run.name} is not gone on with: {reason}")
    # its process stays named: whoever takes over sees that it is gone
    progress = replace(run.progress, state="waiting", ended="", error="")
    with refused(run.folder):
        (run.folder / STOP).unlink(missing_ok=True)
        write_json(run.folder / STATE, progress)
    start_runner(run.folder)
    register(run.folder)


def why_not(run: Run) -> str:
    """Say why a run cannot be gone on with from here; "" if it can."""
    state = run.state
    if state == "done":
        return "it is done"
    if state in ("waiting", "running"):
        return "it has not ended"
    if not is_own(run.folder, run.record):
        whose = run.record.user or "somebody else"
        return (
            f"it is the run of {whose}, who alone starts it again. Whoever runs the "
            "same workflow on the scan takes over what is finished"
        )
    if not (run.folder / JOB).is_file() and not (run.folder / SOURCE).is_file():
        return (
            "it was run in a notebook or script. Run the same line there again: it "
            "goes on from what is finished"
        )
    return ""


def start_runner(folder: Path) -> None:
    """Start the process that carries a run out, in a session of its own.

    A shell in between ends at once: nobody who is here has to wait for the process, and
    what ends the caller's session does not reach it.
    """
    runner = shlex.join([sys.executable, "-m", _RUNNER, str(folder)])
    log = shlex.quote(str(folder / LOG))
    subprocess.run(
        ["/bin/sh", "-c", f"{runner} >>{log} 2>&1 </dev/null &"],
        check=True,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
    )

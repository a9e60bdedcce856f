"""The process that carries out a submitted run: `python -m ...runner FOLDER`."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from daisy_kernel.io.open import open_scan
from daisy_kernel.model.errors import DaisyError, RunStopped, WorkflowRefused
from daisy_kernel.workflow.runs.alive import claimed
from daisy_kernel.workflow.runs.job import read_job, workflow_in
from daisy_kernel.workflow.runs.keeper import in_words, now
from daisy_kernel.workflow.runs.notebook import carry_on_notebook, is_notebook
from daisy_kernel.workflow.runs.prepare import Prepared, prepare
from daisy_kernel.workflow.runs.record import (
    STATE,
    Progress,
    read_progress,
    read_record,
    write_json,
)
from daisy_kernel.workflow.runs.start import engine_for, execute


class _Ended(BaseException):
    """The machine or the server goes down; the run is to go on later."""


def carry_on(folder: Path) -> None:
    """Carry out a run that was submitted or left, unless somebody else does.

    Raises
    ------
    WorkflowError, DataError
        The run says so as well.
    """
    lease = claimed(folder)
    if lease is None:
        return
    with lease, ExitStack() as stack:
        try:
            ready = _ready(folder, stack)
            engine = engine_for(ready.record.engine)
            stack.callback(engine.close)
        except DaisyError as error:
            progress = read_progress(folder)
            progress.state, progress.ended = "failed", now()
            progress.error = in_words(error)
            write_json(folder / STATE, progress)
            raise
        execute(folder, ready, engine, lease, _silent)


def _ready(folder: Path, stack: ExitStack) -> Prepared:
    record, job = read_record(folder), read_job(folder)
    workflow = workflow_in(folder, job)
    scan = None
    if record.scan and job.scan:
        scan = stack.enter_context(open_scan(record.scan))
    ready = prepare(
        workflow, scan, job.objects, engine=record.engine, memory=record.memory
    )
    if ready.record.identity != record.identity:
        raise WorkflowRefused(
            "the scan, or the code of an algorithm, has changed since the run was "
            "started: start it anew"
        )
    return ready.of(record)


def _silent(_: Progress) -> None:
    """Show nothing: whoever wants to see it reads the file."""


def _end(_: int, __: FrameType | None) -> None:
    raise _Ended


def main() -> int:
    """Carry out the run in the folder that is named."""
    signal.signal(signal.SIGTERM, _end)
    try:
        folder = Path(sys.argv[1])
        carry_on_notebook(folder) if is_notebook(folder) else carry_on(folder)
    except (RunStopped, _Ended):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A notebook as a run: executed by papermill, with parameters, in a process of its own.

The notebook as it was executed is the result; one that failed is kept as far as it
came, under another name.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from daisy_kernel.io.identity import identity
from daisy_kernel.io.open import locate, open_scan
from daisy_kernel.io.tracing import digest
from daisy_kernel.io.writing.publishing import refused
from daisy_kernel.model.errors import (
    AlgorithmFailed,
    FileMissing,
    OptionalPackageMissing,
    RunStopped,
)
from daisy_kernel.workflow.runs import environment
from daisy_kernel.workflow.runs.alive import claimed
from daisy_kernel.workflow.runs.keeper import RunKeeper, in_words, now
from daisy_kernel.workflow.runs.notes import checked
from daisy_kernel.workflow.runs.objects import Objects
from daisy_kernel.workflow.runs.place import new_run, place_for, runs_in
from daisy_kernel.workflow.runs.record import (
    RECORD,
    SOURCE,
    STOP,
    Record,
    read_progress,
    write_json,
)
from daisy_kernel.workflow.runs.run import Run, state_of
from daisy_kernel.workflow.runs.submit import start_runner

RESULT, FAILED = "notebook.ipynb", "failed.ipynb"
_PARAMETERS = ".parameters.yaml"
_LOOK_EVERY = 0.5
_SHOWN = 400  # characters of an error


def submit_notebook(
    notebook: str | os.PathLike[str],
    scan: str | os.PathLike[str],
    *,
    parameters: Mapping[str, Any] | None = None,
    scan_parameter: str = "scan_path",
    note: str = "",
    folder: str | os.PathLike[str] | None = None,
    again: bool = False,
) -> Run:
    """Execute a notebook for a scan, in the background.

    Parameters
    ----------
    notebook
        With a cell tagged `parameters`.
    scan_parameter
        The parameter that is the path of the scan.
    parameters, note, folder, again
        As for `daisy.submit`.

    Raises
    ------
    FileMissing, OptionalPackageMissing
    """
    source, path = Path(notebook).expanduser(), locate(scan)
    if not source.is_file():
        raise FileMissing(str(source), "there is no such notebook")
    record = _record(source, path, {scan_parameter: str(path), **(parameters or {})})
    place = place_for(record.scan, folder, record.workflow)
    for found, known in runs_in(place):
        if known.identity == record.identity and not again:
            state = state_of(found, read_progress(found))
            if state in ("done", "running", "waiting"):
                return Run(found)
    made = new_run(place)
    with refused(made):
        shutil.copyfile(source, made / SOURCE)
        (made / _PARAMETERS).write_text(yaml.safe_dump(dict(record.parameters)))
        write_json(made / RECORD, replace(record, note=checked(note)))
    start_runner(made)
    return Run(made)


def is_notebook(folder: Path) -> bool:
    """Whether a run is one of a notebook."""
    return (folder / SOURCE).is_file()


def carry_on_notebook(folder: Path) -> None:
    """Execute the notebook of a run, unless somebody else does.

    Raises
    ------
    AlgorithmFailed, RunStopped
        The run says so as well.
    """
    lease = claimed(folder)
    if lease is None:
        return
    with lease:
        keeper = RunKeeper(folder, Objects(folder, {}, {}), lease, lambda _: None)
        keeper.start([], 0)
        try:
            _execute(folder)
            keeper.progress.files["notebook"] = RESULT
            keeper.end("done")
        except RunStopped:
            keeper.end("stopped")
            raise
        except BaseException as error:
            keeper.end("failed", in_words(error))
            raise


def _execute(folder: Path) -> None:
    """Run papermill, and end it with all it has started if the run is to stop."""
    output = folder / f".notebook.{uuid.uuid4().hex[:8]}.part"
    command = [
        sys.executable, "-m", "papermill", str(folder / SOURCE), str(output),
        "-f", str(folder / _PARAMETERS), "--no-progress-bar", "--cwd", str(folder),
        "-k", _kernel(folder / SOURCE), "-l", "python",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, start_new_session=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        error = _watched(process, folder)
        if process.returncode == 0:
            os.replace(output, folder / RESULT)
            return
        raise AlgorithmFailed(f"the notebook failed: {_last(output) or error}")
    finally:
        if output.exists():
            os.replace(output, folder / FAILED)


def _watched(process: subprocess.Popen[str], folder: Path) -> str:
    while True:
        try:
            _, error = process.communicate(timeout=_LOOK_EVERY)
            return error.strip()[-_SHOWN:]
        except subprocess.TimeoutExpired:
            if (folder / STOP).exists():
                os.killpg(process.pid, signal.SIGTERM)
                process.communicate()
                raise RunStopped(f"{folder.name} was stopped") from None


def _last(notebook: Path) -> str:
    """Give the error that a notebook has ended with."""
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        for cell in cells:
            for output in cell.get("outputs", ()):
                if output.get("output_type") == "error":
                    return f"{output['ename']}: {output['evalue']}"[:_SHOWN]
    except (OSError, ValueError, KeyError):
        pass
    return ""


def _kernel(notebook: Path) -> str:
    try:
        found = json.loads(notebook.read_bytes())["metadata"]["kernelspec"]["name"]
        return str(found)
    except (OSError, ValueError, KeyError):
        return "python3"


def _record(source: Path, scan: Path, parameters: Mapping[str, Any]) -> Record:
    try:
        import papermill  # noqa: F401
    except ImportError as error:
        raise OptionalPackageMissing("papermill", "notebook") from error
    with open_scan(scan) as opened:
        found = identity(opened)
    made = digest("notebook", source.read_bytes(), sorted(parameters.items()),
                  found.digest)  # fmt: skip
    return Record(
        id=uuid.uuid4().hex,
        identity=made.hex(),
        workflow="notebook",
        title=source.name,
        scan=str(scan),
        parameters=parameters,
        results=("notebook",),
        inputs={"scan": {"kind": "scan", "path": str(scan),
                         "identity": found.as_dict()}},
        user=environment.user(),
        host=environment.host(),
        created=now(),
        versions=environment.versions(["papermill"]),
        environment=environment.environment(),
    )  # fmt: skip

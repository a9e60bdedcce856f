"""What a run needs beside its record to be carried out by another process.

Algorithms of a notebook cannot be imported, and arrays lie in no file: both travel as
a pickle in the run's folder. Loading one runs its code, so only one's own is loaded.
"""

from __future__ import annotations

import errno
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daisy_kernel.io.writing.publishing import refused
from daisy_kernel.model import Scan
from daisy_kernel.model.errors import (
    FileDamaged,
    OptionalPackageMissing,
    WorkflowRefused,
)
from daisy_kernel.workflow.algorithm import Algorithm
from daisy_kernel.workflow.files import from_yaml
from daisy_kernel.workflow.runs.prepare import Prepared
from daisy_kernel.workflow.runs.record import JOB, WORKFLOW
from daisy_kernel.workflow.workflow import Workflow


@dataclass(frozen=True)
class Job:
    """What cannot be found elsewhere.

    Attributes
    ----------
    algorithms
        Those that cannot be imported, by their place.
    objects
        What was given beside the scan.
    scan
        Name of the object that the scan is; empty if there is none.
    """

    algorithms: Mapping[str, Algorithm] = field(default_factory=dict)
    objects: Mapping[str, Any] = field(default_factory=dict)
    scan: str = ""


def job_of(ready: Prepared) -> Job:
    """Gather what another process needs."""
    scans = {name for name, found in ready.given.items() if isinstance(found, Scan)}
    own = {
        step.algorithm.place: step.algorithm
        for step in ready.workflow.steps
        if not step.algorithm.is_importable
    }
    objects = {k: v for k, v in ready.given.items() if k not in scans}
    return Job(own, objects, next(iter(scans), ""))


def write_job(folder: Path, job: Job) -> None:
    """Put a job beside the record of its run.

    Raises
    ------
    OptionalPackageMissing, WriteFailed, WorkflowRefused
    """
    try:
        import cloudpickle
    except ImportError as error:
        raise OptionalPackageMissing("cloudpickle", "cluster") from error
    try:
        content = cloudpickle.dumps(job)
    except Exception as error:  # objects refuse in their own ways
        raise WorkflowRefused(
            f"what the run needs cannot travel to another process: {error}"
        ) from error
    with refused(folder / JOB):
        (folder / JOB).write_bytes(content)


def read_job(folder: Path) -> Job:
    """Load the job of a run.

    Raises
    ------
    WorkflowRefused
        It belongs to somebody else: their code is not run.
    FileDamaged
        It cannot be loaded.
    """
    path = folder / JOB
    try:
        content = _own(path)
    except FileNotFoundError:
        return Job()
    if content is None:
        raise WorkflowRefused(
            f"{folder}: its algorithms or arrays come from a notebook of somebody else "
            "and are not run here. Ask for the notebook, or for the algorithms as a "
            "module"
        )
    try:
        found = pickle.loads(content)
    except Exception as error:
        raise FileDamaged(str(path), f"it cannot be loaded: {error}") from error
    if not isinstance(found, Job):
        raise FileDamaged(str(path), "it is no job")
    return found


def _own(path: Path) -> bytes | None:
    """Read a file of our own; None if it is somebody else's, or leads elsewhere."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise
    with os.fdopen(descriptor, "rb") as file:
        # of the file that is open: its name may mean another one by now
        if os.fstat(file.fileno()).st_uid != os.getuid():
            return None
        return file.read()


def workflow_in(folder: Path, job: Job) -> Workflow:
    """Read the workflow of a run."""
    text = (folder / WORKFLOW).read_text()
    return from_yaml(text, str(folder / WORKFLOW), job.algorithms)

"""Make a run ready: open the scan, check everything, say what it is."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from daisy_kernel.io.identity import identity
from daisy_kernel.model import DataObject, Dataset, Scan
from daisy_kernel.model.errors import DataError, WorkflowRefused
from daisy_kernel.workflow.algorithm import Algorithm, algorithm
from daisy_kernel.workflow.check import describe_all
from daisy_kernel.workflow.describing import Call
from daisy_kernel.workflow.detectors import objects_for
from daisy_kernel.workflow.identities import identities, identity_of_all
from daisy_kernel.workflow.opening import Objects, opened
from daisy_kernel.workflow.registry import name_of
from daisy_kernel.workflow.runs import environment
from daisy_kernel.workflow.runs.keeper import now
from daisy_kernel.workflow.runs.notes import checked
from daisy_kernel.workflow.runs.record import Record
from daisy_kernel.workflow.spec import Spec
from daisy_kernel.workflow.workflow import Step, Workflow


@dataclass(frozen=True)
class Prepared:
    """A run that could begin.

    Attributes
    ----------
    given
        Scans and objects as they were given, by name.
    objects
        Those that are there, also what the scans were opened to.
    steps
        Those that are left, in order.
    """

    workflow: Workflow
    given: Mapping[str, Any]
    objects: Objects
    steps: tuple[Step, ...]
    calls: tuple[Call, ...]
    identities: Mapping[str, str]
    record: Record

    def of(self, record: Record) -> Prepared:
        """Give the same under the record that was written before."""
        return replace(self, record=record)

    @property
    def total(self) -> float:
        """Bytes of what algorithms are given, as far as known."""
        return float(sum(call.first.spec.nbytes for call in self.calls))


def workflow_of(what: Any) -> Workflow:
    """Give a workflow of a workflow, an algorithm, a function, or several in a row.

    Raises
    ------
    WorkflowRefused
    """
    if isinstance(what, Workflow):
        return what
    if isinstance(what, list | tuple):
        return Workflow("sequence", what)
    if not callable(what):
        raise WorkflowRefused(f"{what!r} is no workflow, no algorithm and no function")
    made = what if isinstance(what, Algorithm) else algorithm(what)
    return Workflow(made.name, [made], title=made.summary.rstrip("."))


def prepare(
    what: Any,
    scan: Scan | None,
    objects: Mapping[str, Any],
    *,
    parameters: Mapping[str, Any] | None = None,
    results: Iterable[str] | None = None,
    note: str = "",
    engine: Any = "local",
    memory: str | int = "",
    again: bool = False,
) -> Prepared:
    """Check everything that can be checked before anything runs.

    Raises
    ------
    WorkflowError, DataError
    """
    workflow = workflow_of(what)
    if parameters:
        workflow = workflow.with_parameters(parameters)
    if results is not None:
        workflow = workflow.with_results(results)
    of_scan = {} if scan is None else _given_by(scan, workflow, objects)
    given = {**objects, **of_scan}
    there, steps = opened(workflow, given)
    specs = {name: Spec.of(found) for name, found in there.items()}
    calls, _ = describe_all(steps, specs)
    known = identities(steps, there, workflow.results)
    record = Record(
        id=uuid.uuid4().hex,
        identity=identity_of_all(workflow.results, known),
        workflow=workflow.name,
        title=workflow.title,
        scan=_source_of(there) if scan is None else scan.path,
        parameters=dict(parameters or {}),
        results=workflow.results,
        objects=known,
        inputs={name: _input(found, name in of_scan) for name, found in given.items()},
        steps=tuple(_step(step) for step in workflow.steps),
        user=environment.user(),
        host=environment.host(),
        created=now(),
        note=checked(note),
        engine=engine,
        memory=memory,
        again=again,
        versions=environment.versions(_packages(workflow)),
        environment=environment.environment(),
    )
    return Prepared(workflow, given, there, tuple(steps), tuple(calls), known, record)


def _given_by(
    scan: Scan, workflow: Workflow, objects: Mapping[str, Any]
) -> dict[str, Any]:
    """Give what a workflow takes of a scan: the scan itself, or its objects."""
    name = _name_of_scan(workflow, objects)
    return {name: scan} if name else dict(objects_for(workflow, scan, objects))


def _name_of_scan(workflow: Workflow, objects: Mapping[str, Any]) -> str:
    """Name of the object that the scan is: the first that is asked for as one."""
    wanted = (
        step.inputs[entry.name]
        for step in workflow.steps
        for entry in step.algorithm.inputs
        if entry.is_scan and step.inputs[entry.name] not in objects
    )
    return next(wanted, "")


def _source_of(objects: Objects) -> str:
    """Path of the file behind the first object that is in one."""
    lazy = (o.data for o in objects.values() if isinstance(o.data, Dataset))
    return next((data.file for data in lazy), "")


def _input(found: Any, is_of_scan: bool) -> dict[str, Any]:
    """Write down what was given; what is of the scan can be had of another one."""
    if isinstance(found, Scan):
        return {"kind": "scan", "path": found.path, **_files(found)}
    data = found.data if isinstance(found, DataObject) else found
    if isinstance(data, Dataset):
        kind = "signal" if is_of_scan else "dataset"
        return {"kind": kind, "path": f"{data.file}: {data.path}", **_files(data)}
    shape, dtype = getattr(data, "shape", ()), getattr(data, "dtype", type(data))
    return {"kind": "array", "shape": list(shape), "type": str(dtype)}


def _files(found: Scan | Dataset) -> dict[str, Any]:
    try:
        return {"identity": identity(found).as_dict()}
    except DataError as error:
        return {"problem": str(error)}


def _step(step: Step) -> dict[str, Any]:
    parameters = step.algorithm.checked(step.parameters)
    units = {k: p.units for k, p in step.algorithm.parameters.items() if p.units}
    return {
        "name": step.name,
        "algorithm": name_of(step.algorithm),
        "summary": step.algorithm.summary,
        "parameters": parameters,
        "units": units,
        "takes": dict(step.inputs),
        "makes": list(step.into),
    }


def _packages(workflow: Workflow) -> list[str]:
    return [step.algorithm.module.partition(".")[0] for step in workflow.steps]

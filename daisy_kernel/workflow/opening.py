"""Open the scans of a workflow: its algorithms that only say what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from daisy_kernel.io.open import open_scan
from daisy_kernel.model import DataObject, Scan, data_object
from daisy_kernel.model.errors import AlgorithmFailed, DaisyError, InputMissing
from daisy_kernel.workflow.check import check_inputs, in_order
from daisy_kernel.workflow.workflow import Step, Workflow, object_of

Objects = dict[str, DataObject]


@contextmanager
def scan_of(scan: Scan | str | os.PathLike[str] | None) -> Iterator[Scan | None]:
    """Open a scan that is given as a path; what is open already stays open."""
    if scan is None or isinstance(scan, Scan):
        yield scan
        return
    with open_scan(scan) as found:
        yield found


def opened(workflow: Workflow, given: Mapping[str, Any]) -> tuple[Objects, list[Step]]:
    """Open the scans, and check that all objects are there.

    Parameters
    ----------
    given
        Scans, and all that `data_object` takes, by name.

    Returns
    -------
    :
        All objects that are there now, and the steps that are left, in order.

    Raises
    ------
    InputMissing, WorkflowRefused, AlgorithmFailed
    """
    check_inputs(workflow, given)
    scans = {name: found for name, found in given.items() if isinstance(found, Scan)}
    objects = {
        name: data_object(found)
        for name, found in given.items()
        if name not in scans and found is not None
    }
    absent = {n: "it was given as None" for n, found in given.items() if found is None}
    left = []
    for step in in_order(workflow):
        if step.algorithm.pattern == "scan":
            made = _open(step, {**objects, **scans})
            objects |= made
            absent |= {n: f"{step.name} found none" for n in step.into if n not in made}
        elif lacking := _lacking(step, absent):
            absent |= dict.fromkeys(step.into, f"{step.name} needs {lacking!r}")
        else:
            left.append(step)
    for name in workflow.results:
        if name in absent:
            raise InputMissing(_why(name, absent))
    return objects, left


def _lacking(step: Step, absent: Mapping[str, str]) -> str:
    """Name an object that a step cannot do without, and that there is not."""
    for entry in step.algorithm.inputs:
        name = object_of(step.inputs[entry.name])
        if name in absent and not entry.optional:
            return name
    return ""


def _why(name: str, absent: Mapping[str, str]) -> str:
    """Say why an object cannot be made, back to what the scan does not have."""
    text, current = f"{name!r} cannot be made: ", name
    while "needs" in absent[current]:
        text += absent[current] + ": "
        current = absent[current].rpartition(" ")[2].strip("'")
    return text + absent[current]


def _open(step: Step, known: Mapping[str, Any]) -> Objects:
    algorithm = step.algorithm
    arguments = [known.get(step.inputs[entry.name]) for entry in algorithm.inputs]
    try:
        found = algorithm(*arguments, **algorithm.checked(step.parameters))
    except DaisyError:
        raise
    except Exception as error:
        raise AlgorithmFailed(
            f"{step.name} failed: {type(error).__name__}: {error}"
        ) from error
    results = found if len(algorithm.gives) > 1 else (found,)
    if len(results) != len(algorithm.gives):
        raise AlgorithmFailed(
            f"{step.name} gave {len(results)} objects; it declares "
            f"{', '.join(algorithm.gives)}"
        )
    named = zip(step.into, results, strict=True)
    # one that is optional for those who take it may not be there
    return {name: data_object(made) for name, made in named if made is not None}

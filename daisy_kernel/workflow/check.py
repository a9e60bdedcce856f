"""Check a workflow before anything runs: order, inputs, shapes, types, units."""

from __future__ import annotations

import difflib
import graphlib
from collections.abc import Collection, Iterable, Mapping

from daisy_kernel.model.errors import InputMissing, WorkflowRefused
from daisy_kernel.workflow.describing import Call, describe
from daisy_kernel.workflow.spec import Spec, part_of
from daisy_kernel.workflow.workflow import Step, Workflow, object_of


def in_order(workflow: Workflow) -> list[Step]:
    """Give the steps in an order in which they can run.

    Raises
    ------
    WorkflowRefused
        They wait for each other in a circle, which is named.
    """
    makers = {name: step for step in workflow.steps for name in step.into}
    sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
    for step in workflow.steps:
        before = [makers[name].name for name in step.needs if name in makers]
        sorter.add(step.name, *before)
    try:
        order = list(sorter.static_order())
    except graphlib.CycleError as error:
        circle = " <- ".join(error.args[1])
        raise WorkflowRefused(
            f"{workflow.name}: these algorithms wait for each other: {circle}. Let one "
            "of them take another object"
        ) from None
    steps = {step.name: step for step in workflow.steps}
    return [steps[name] for name in order]


def check_inputs(
    workflow: Workflow, given: Iterable[str], of_scan: Collection[str] = ()
) -> None:
    """Refuse a workflow whose inputs are not all there.

    Parameters
    ----------
    of_scan
        Objects of the scan, one of which may have been meant.

    Raises
    ------
    InputMissing
        Naming each object that is missing and the way by which it is needed.
    """
    known = set(given)
    optional = {
        object_of(step.inputs[entry.name])
        for step in workflow.steps
        for entry in step.algorithm.inputs
        if entry.optional
    }
    missing = [n for n in workflow.inputs if n not in known and n not in optional]
    if not missing:
        return
    ends = [own.rpartition("/")[2] for own in of_scan]
    lines = [f"{workflow.name} lacks {len(missing)} of its objects:"]
    for name in missing:
        near = difflib.get_close_matches(name, sorted(known) + ends, 1)
        hint = f" (there is {near[0]!r}: is it that?)" if near else ""
        lines.append(f"- {name!r}{hint}, needed by {_way(workflow, name)}")
    lines.append(f"Given: {', '.join(sorted(known)) or 'nothing'}.")
    if of_scan:
        lines.append(f"The scan has: {', '.join(of_scan)}.")
    raise InputMissing("\n".join(lines))


def describe_all(
    steps: Iterable[Step], specs: Mapping[str, Spec]
) -> tuple[list[Call], dict[str, Spec]]:
    """Describe steps one after the other, as far as they are known.

    Parameters
    ----------
    specs
        Of the objects that are given.

    Returns
    -------
    :
        The calls, and the specs of all objects.

    Raises
    ------
    InputMissing, ShapeMismatch, UnitsMismatch, ParameterRefused, WorkflowRefused
    """
    known = dict(specs)
    calls = []
    for step in steps:
        _add_parts(step, known)
        call = describe(step, known)
        known |= dict(zip(step.into, call.specs, strict=True))
        calls.append(call)
    return calls, known


def _add_parts(step: Step, known: dict[str, Spec]) -> None:
    """Describe what is called like "projections.angle"."""
    for entry in step.algorithm.inputs:
        name = step.inputs[entry.name]
        whole, dot, part = name.partition(".")
        if not dot or name in known or whole not in known:
            continue
        if known[whole].shape is None:
            known[name] = Spec(None, None)
            continue
        try:
            known[name] = Spec.of(part_of(known[whole], part, whole))
        except InputMissing:
            if not entry.optional:
                raise


def _way(workflow: Workflow, name: str) -> str:
    """Say which algorithm needs an object, and what for, up to a result."""
    path, current = [], name
    seen: set[str] = set()
    while current not in seen:
        seen.add(current)
        step = next((s for s in workflow.steps if current in s.needs), None)
        if step is None:
            break
        path.append(f"{step.name} -> {', '.join(step.into)}")
        current = step.into[0]
    return ", ".join(path)

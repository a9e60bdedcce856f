"""Workflows as YAML, which people can read, write and share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from daisy_kernel.io.writing.publishing import publishing
from daisy_kernel.model.errors import FileMissing, WorkflowRefused
from daisy_kernel.workflow.algorithm import Algorithm
from daisy_kernel.workflow.registry import find_algorithm, name_of
from daisy_kernel.workflow.workflow import Workflow

FORMAT = "daisy-workflow/1"
_KEYS = {"format", "name", "title", "steps", "results"}
_STEP_KEYS = {"name", "algorithm", "takes", "makes", "parameters"}


def to_yaml(workflow: Workflow) -> str:
    """Write a workflow as YAML; those inside of it are written out."""
    steps = []
    for step in workflow.steps:
        made: dict[str, Any] = {
            "name": step.name,
            "algorithm": name_of(step.algorithm),
            "takes": dict(step.inputs),
            "makes": list(step.into),
        }
        if step.parameters:
            made["parameters"] = {k: _plain(v) for k, v in step.parameters.items()}
        steps.append(made)
    whole: dict[str, Any] = {"format": FORMAT, "name": workflow.name}
    if workflow.title:
        whole["title"] = workflow.title
    whole |= {"steps": steps, "results": list(workflow.results)}
    text: str = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=88)
    return text


def from_yaml(
    text: str, where: str = "the workflow", own: Mapping[str, Algorithm] | None = None
) -> Workflow:
    """Read a workflow.

    Parameters
    ----------
    where
        Name of the file, for messages.
    own
        Algorithms that cannot be imported, by their place.

    Raises
    ------
    WorkflowRefused, ParameterRefused
        What is wrong, in which step, and what may stand there.
    """
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise WorkflowRefused(f"{where} is no YAML: {error}") from error
    _check_keys(found, _KEYS, {"name", "steps"}, where)
    if found.get("format", FORMAT) != FORMAT:
        raise WorkflowRefused(
            f"{where} has the format {found['format']!r}; {FORMAT} is known"
        )
    workflow = Workflow(found["name"], title=found.get("title", ""))
    for number, step in enumerate(_list(found["steps"], f"{where}: steps"), 1):
        _add(workflow, step, f"{where}: step {number}", own or {})
    if "results" in found:
        workflow.results = tuple(_list(found["results"], f"{where}: results"))
    return workflow


def save_workflow(workflow: Workflow, path: str | os.PathLike[str]) -> Path:
    """Write a workflow to a new file.

    Raises
    ------
    ResultExists, WriteFailed
    """
    target = Path(path).expanduser()
    with publishing(target) as temporary:
        temporary.write_text(to_yaml(workflow))
    return target


def load_workflow(path: str | os.PathLike[str]) -> Workflow:
    """Read a workflow from a file.

    Raises
    ------
    FileMissing, WorkflowRefused
    """
    source = Path(path).expanduser()
    try:
        return from_yaml(source.read_text(), str(source))
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise FileMissing(str(source), reason) from error


def _add(
    workflow: Workflow, step: Any, where: str, own: Mapping[str, Algorithm]
) -> None:
    _check_keys(step, _STEP_KEYS, {"algorithm"}, where)
    name = step["algorithm"]
    algorithm = own.get(name) or find_algorithm(name)
    parameters = step.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise WorkflowRefused(f"{where} ({name}): parameters are names with values")
    workflow.add(
        algorithm,
        name=step.get("name"),
        inputs=step.get("takes") or {},
        into=_list(step.get("makes") or [], f"{where}: makes") or None,
        exact=True,
        **parameters,
    )


def _check_keys(found: Any, known: set[str], needed: set[str], where: str) -> None:
    if not isinstance(found, dict):
        raise WorkflowRefused(f"{where} is {found!r}; it has: {', '.join(known)}")
    for key in found:
        if key not in known:
            raise WorkflowRefused(
                f"{where}: {key!r} means nothing here. There can be: "
                f"{', '.join(sorted(known))}."
            )
    if lacking := needed - set(found):
        raise WorkflowRefused(f"{where} lacks {', '.join(sorted(lacking))}")


def _list(found: Any, where: str) -> list[Any]:
    if not isinstance(found, list):
        raise WorkflowRefused(f"{where} is {found!r}; it is a list")
    return found


def _plain(value: Any) -> Any:
    """Give a parameter as YAML knows it."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value

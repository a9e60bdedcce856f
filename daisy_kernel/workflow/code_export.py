"""A workflow as the Python that does the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daisy_kernel.workflow.workflow import Step, Workflow

_HEAD = '''\
"""{title}

Written by DAISY from the workflow {name!r}.
"""

import daisy_kernel as daisy
{imports}
flow = daisy.Workflow({name!r}{more})
{steps}
flow.results = {results!r}
'''
_RUN = "\nrun = daisy.run(flow, {given})\n"


def to_python(workflow: Workflow, given: Mapping[str, Any] | None = None) -> str:
    """Write a workflow as a script.

    Parameters
    ----------
    given
        Arguments of `daisy.run`, like ``{"scan": "B7/.../scan.nxs"}``: then the script
        also runs it.

    Returns
    -------
    :
        Python. Algorithms of a notebook, which cannot be imported, are named in a
        comment, with the place where they have to be defined.
    """
    names = _aliases(workflow)
    return _HEAD.format(
        title=workflow.title or workflow.name,
        name=workflow.name,
        more=f", title={workflow.title!r}" if workflow.title else "",
        imports=_imports(workflow, names),
        steps="\n".join(_line(step, names) for step in workflow.steps),
        results=list(workflow.results),
    ) + (
        _RUN.format(given=", ".join(f"{k}={v!r}" for k, v in given.items()))
        if given
        else ""
    )


def _aliases(workflow: Workflow) -> dict[str, str]:
    """Name each algorithm; two of the same name get a number."""
    found: dict[str, str] = {}
    for step in workflow.steps:
        place = step.algorithm.place
        if place in found:
            continue
        name = step.algorithm.made_of.__name__
        alike = sum(other.rstrip("_0123456789") == name for other in found.values())
        found[place] = f"{name}_{alike + 1}" if alike else name
    return found


def _imports(workflow: Workflow, names: Mapping[str, str]) -> str:
    lines, here = [], []
    for place, name in names.items():
        module, _, qualname = place.partition(":")
        if module == "__main__" or "<" in qualname:
            here.append(f"# define the algorithm {qualname} here, as {name}")
        else:
            own = "" if name == qualname else f" as {name}"
            lines.append(f"from {module} import {qualname}{own}")
    return "\n".join([*sorted(lines), "", *here]).rstrip() + "\n"


def _line(step: Step, names: Mapping[str, str]) -> str:
    parts = [
        names[step.algorithm.place],
        f"name={step.name!r}",
        f"inputs={dict(step.inputs)!r}",
        f"into={list(step.into)!r}",
        "exact=True",
        *(f"{key}={value!r}" for key, value in step.parameters.items()),
    ]
    one = f"flow.add({', '.join(parts)})"
    if len(one) <= 88:  # noqa: PLR2004
        return one
    return "flow.add(\n" + "".join(f"    {part},\n" for part in parts) + ")"

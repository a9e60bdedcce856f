"""Rules of a proposal: which workflow is run for which new scans.

They stand in `processed/.daisy/rules.yaml`::

    format: daisy-rules/1
    run_by: anna                # who carries them out; whoever watches by default
    at_once: 1                  # runs at a time
    settled: 3                  # seconds a scan has to be left alone before
    rules:
    - name: slice
      scans: technique:tomography -name:test
      workflow: tomography      # a preview that DAISY knows, or a file beside this one
      parameters: {back_projection.filter: hann}
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from daisy_kernel.catalog import place_of, understand
from daisy_kernel.io.writing.publishing import publishing
from daisy_kernel.model.errors import SearchNotUnderstood, WorkflowRefused

FILE = "rules.yaml"
FORMAT = "daisy-rules/1"


class Rule(BaseModel):
    """What is run for some scans.

    Attributes
    ----------
    scans
        Words of a search, as in the sidebar; only raw scans are looked at.
    workflow
        Name of a preview, or of a YAML file beside the rules.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z][\w-]*$")]
    scans: str = ""
    workflow: str
    parameters: dict[str, Any] = {}
    engine: str | dict[str, Any] = "local"
    note: str = ""


class Rules(BaseModel):
    """All rules of a proposal, and how they are carried out.

    Attributes
    ----------
    run_by
        Account whose service carries them out; empty for whoever watches first.
    at_once
        Most runs at a time.
    waiting
        Most scans in the queue; older ones are passed over.
    settled
        Seconds for which nobody may have written to a scan.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str = FORMAT
    run_by: str = ""
    at_once: Annotated[int, Field(ge=1, le=64)] = 1
    waiting: Annotated[int, Field(ge=1)] = 100
    settled: Annotated[float, Field(ge=0)] = 3.0
    rules: tuple[Rule, ...] = ()


def rules_file(proposal: str | os.PathLike[str]) -> Path:
    """Give the file of a proposal's rules, there or not."""
    return place_of(proposal).folder / FILE


def read_rules(proposal: str | os.PathLike[str]) -> Rules | None:
    """Read the rules of a proposal; None if it has none.

    Raises
    ------
    WorkflowRefused
        Where what is wrong, and what may stand there.
    """
    path = rules_file(proposal)
    try:
        text = path.read_text()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WorkflowRefused(f"{path} cannot be read: {error.strerror}") from error
    return parse_rules(text, str(path))


def parse_rules(text: str, where: str) -> Rules:
    """Read rules from YAML."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise WorkflowRefused(f"{where} is no YAML: {error}") from error
    if not isinstance(found, dict):
        raise WorkflowRefused(f"{where}: it begins with 'format: {FORMAT}'")
    try:
        rules = Rules.model_validate(found)
    except ValidationError as error:
        raise WorkflowRefused(f"{where}: {_in_words(error, found)}") from None
    if rules.format != FORMAT:
        raise WorkflowRefused(f"{where} has the format {rules.format!r}, not {FORMAT}")
    names: set[str] = set()
    for rule in rules.rules:
        if rule.name in names:
            raise WorkflowRefused(f"{where}: two rules are called {rule.name!r}")
        names.add(rule.name)
        try:
            understand(rule.scans)
        except SearchNotUnderstood as error:
            raise WorkflowRefused(
                f"{where}: rule {rule.name!r}, scans: {error}"
            ) from error
    return rules


def default_rules(previews: Iterable[str]) -> Rules:
    """Give a rule for every technique that has a preview."""
    rules = tuple(
        Rule(name=name, scans=f"technique:{name}", workflow=name) for name in previews
    )
    return Rules(rules=rules)


def write_rules(proposal: str | os.PathLike[str], rules: Rules) -> Path:
    """Write the rules of a proposal that has none yet.

    Raises
    ------
    ResultExists, WriteFailed
    """
    path = rules_file(proposal)
    place_of(proposal).make()
    text = yaml.safe_dump(rules.model_dump(mode="json"), sort_keys=False)
    with publishing(path) as temporary:
        temporary.write_text(text)
    return path


def _in_words(error: ValidationError, found: Mapping[str, Any]) -> str:
    """Say where the first mistake is, and what may stand there."""
    first = error.errors()[0]
    place = _place(first["loc"], found)
    key = str(first["loc"][-1]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        model = Rule if first["loc"][0] == "rules" else Rules
        known = list(model.model_fields)
        near = difflib.get_close_matches(key, known, 1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        return f"{place}{key!r} means nothing. {hint}There can be: {', '.join(known)}."
    if first["type"] == "missing":
        return f"{place}{key!r} is missing"
    return f"{place}{key} is {first['input']!r}: {first['msg'].lower()}"


def _place(location: tuple[Any, ...], found: Mapping[str, Any]) -> str:
    if len(location) < 2 or location[0] != "rules":  # noqa: PLR2004
        return ""
    rule = found["rules"][location[1]]
    name = rule.get("name") if isinstance(rule, dict) else None
    return f"rule {location[1] + 1}{f' ({name})' if name else ''}: "

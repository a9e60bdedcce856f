"""Identity of data objects: the same for the same content, made in the same way.

That of an input is what its file is like; that of a result follows from the code and
parameters of its algorithm and the identities of what it takes. So what is there
already is known before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from daisy_kernel.io.tracing import digest
from daisy_kernel.model import DataObject
from daisy_kernel.model.errors import InputMissing
from daisy_kernel.store.identity import identity_of
from daisy_kernel.workflow.code import code_digest
from daisy_kernel.workflow.spec import part_of
from daisy_kernel.workflow.workflow import Step

# goes up when the same workflow would give other numbers
_VERSION = 2


def identities(
    steps: Iterable[Step],
    objects: Mapping[str, DataObject],
    results: Iterable[str] = (),
) -> dict[str, str]:
    """Give the identities of all objects of a workflow.

    Parameters
    ----------
    steps
        In an order in which they can run.
    objects
        Those that are given.
    results
        Names of objects that are wanted, also where no step needs them.
    """
    steps = list(steps)
    needed = {name for step in steps for name in step.needs} | set(results)
    known = {n: identity_of(found) for n, found in objects.items() if n in needed}
    codes: dict[int, bytes] = {}
    for step in steps:
        algorithm = step.algorithm
        if id(algorithm) not in codes:
            codes[id(algorithm)] = code_digest(algorithm)
        made = digest(
            _VERSION,
            codes[id(algorithm)],
            _plain(algorithm.checked(step.parameters)),
            [_of_input(name, known, objects) for name in step.inputs.values()],
        ).hex()
        for number, name in enumerate(step.into):
            known[name] = f"{made}-{number}" if len(step.into) > 1 else made
    return known


def identity_of_all(names: Iterable[str], known: Mapping[str, str]) -> str:
    """Give one identity for some objects under their names."""
    return digest("run", [(name, known[name]) for name in sorted(names)]).hex()


def _of_input(
    name: str, known: Mapping[str, str], objects: Mapping[str, DataObject]
) -> str:
    whole, dot, part = name.partition(".")
    if dot and whole in objects:
        try:
            return identity_of(part_of(objects[whole], part, whole))
        except InputMissing:
            return ""
    # an optional object may not be given
    return known.get(whole, "") + dot + part


def _plain(parameters: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted((name, _simple(value)) for name, value in parameters.items())


def _simple(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | set | frozenset) else value

"""Algorithms by name: those of packages (`daisy.algorithms`), and any by its place."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from daisy_kernel.model.errors import WorkflowRefused
from daisy_kernel.workflow.algorithm import Algorithm, import_algorithm

GROUP = "daisy.algorithms"


def algorithm_names() -> tuple[str, ...]:
    """Names of all algorithms that installed packages offer."""
    return tuple(sorted(_offered()))


def find_algorithm(name: str) -> Algorithm:
    """Give an algorithm by its name ("tomography.normalize") or place ("module:name").

    Raises
    ------
    WorkflowRefused
        There is none; the message says what there is, or why it cannot be imported.
    """
    module, colon, qualname = name.partition(":")
    if colon:
        return import_algorithm(module, qualname)
    if name not in _offered():
        near = ", ".join(algorithm_names()) or "none"
        raise WorkflowRefused(f"there is no algorithm {name!r}. There are: {near}.")
    point = _offered()[name]
    try:
        found = point.load()
    except Exception as error:  # another package's import can raise anything
        raise WorkflowRefused(
            f"the algorithm {name!r} cannot be imported from {point.value}: {error}"
        ) from error
    if not isinstance(found, Algorithm):
        raise WorkflowRefused(f"{point.value}, offered as {name!r}, is no algorithm")
    return found


def name_of(algorithm: Algorithm) -> str:
    """Give the name under which an algorithm is found again."""
    for name, point in _offered().items():
        if point.value == algorithm.place:
            return name
    return algorithm.place


@cache
def _offered() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        other = found.get(point.name)
        if other is not None and other.value != point.value:
            raise WorkflowRefused(
                f"two packages offer an algorithm {point.name!r}: {other.value} and "
                f"{point.value}. Remove one of them"
            )
        found[point.name] = point
    return found

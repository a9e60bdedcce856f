"""A bounded look through a whole file: NXdata groups, datasets, dead links."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from h5py import h5i

from daisy_kernel.io.hdf5.attributes import Attributes
from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.walk import Identity, Place, walk
from daisy_kernel.model import Problem
from daisy_kernel.model.errors import DataError, OutsideData
from daisy_kernel.model.text import decode, plain

# a survey answers in well under a second; the tree itself is paged, not surveyed
_MOST_OBJECTS = 2000
_MOST_IN_GROUP = 300


@dataclass
class Survey:
    """What was found, in the order of breadth."""

    data_groups: list[Place]
    datasets: list[Place]
    problems: tuple[Problem, ...] = ()


def survey(files: Files, top: Place) -> Survey:
    """Look at no more than 2000 objects, each of them once."""
    found, problems = Survey([], []), []
    seen: set[Identity] = {top.identity}
    queue, looked = deque([top]), 0
    while queue and looked < _MOST_OBJECTS:
        group = queue.popleft()
        for name in _some_names(group):
            looked += 1
            try:
                place = walk(files, group, name)
            except DataError as error:
                problems.append(_problem(group, name, error))
                continue
            if place.identity in seen:
                continue
            seen.add(place.identity)
            _sort_in(place, found, queue)
    found.problems = tuple(problems)
    return found


def _sort_in(place: Place, found: Survey, queue: deque[Place]) -> None:
    if place.is_group:
        queue.append(place)
        if plain(Attributes(place.object).get("NX_class", "")) == "NXdata":
            found.data_groups.append(place)
    elif h5i.get_type(place.object) == h5i.DATASET:
        found.datasets.append(place)


def _problem(group: Place, name: str, error: DataError) -> Problem:
    path = f"{group.path}/{name}".lstrip("/")
    kind = "outside" if isinstance(error, OutsideData) else "missing"
    return Problem(path, kind, getattr(error, "reason", str(error)))  # type: ignore[arg-type]


def _some_names(group: Place) -> list[str]:
    found: list[bytes] = []

    def take(name: bytes) -> bool | None:
        found.append(name)
        return True if len(found) >= _MOST_IN_GROUP else None

    group.object.links.iterate(take)
    return [decode(name) for name in found]

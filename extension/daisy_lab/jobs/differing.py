"""Job that compares what two scans say of themselves: values, shapes, attributes."""

import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from daisy_kernel.model import Dataset, Group, Scan
from daisy_kernel.model.errors import DaisyError
from daisy_lab.jobs.datasets import open_scan
from daisy_lab.jobs.values import Json, Result, exact

SECONDS = 8.0  # for each of the two scans
SMALL = 32  # values that are compared one by one; of more only the shape
MEMBERS = 500  # of a group that are looked at at a time


def difference(path: str, other: str, roots: list[str]) -> Result:
    """Compare the metadata of two scans.

    Datasets of at most `SMALL` values are compared by value, larger ones by shape and
    type; attributes by value.

    Returns
    -------
    :
        `rows`: path, and what stands there in the first and in the second, None
        where it is absent; `same`: how many do not differ; `complete`: whether all
        was looked at.
    """
    (first, first_whole), (second, second_whole) = (
        _metadata(file, roots) for file in (path, other)
    )
    paths = list(dict.fromkeys([*first, *second]))
    rows: list[Json] = [
        {"path": name, "first": first.get(name), "second": second.get(name)}
        for name in paths
        if first.get(name) != second.get(name)
    ]
    same = len(paths) - len(rows)
    complete = first_whole and second_whole
    return {"rows": rows, "same": same, "complete": complete}, b""


def _metadata(path: str, roots: list[str]) -> tuple[dict[str, str], bool]:
    """Give path -> value as text, in the order of the file, and whether it is all."""
    end = time.monotonic() + SECONDS
    found: dict[str, str] = {}
    with open_scan(path, roots) as scan:
        for name, value in _told(scan):
            found[name] = value
            if time.monotonic() > end:
                return found, False
    return found, True


def _told(scan: Scan) -> Iterator[tuple[str, str]]:
    yield from _attributes(scan.root)
    waiting = deque([scan.root])
    while waiting:
        group = waiting.popleft()
        for child in _members(group):
            if child.kind not in ("group", "dataset"):
                yield child.path, f"{child.kind}: {child.detail}"
                continue
            found = group.get(child.name)
            if isinstance(found, Dataset):
                yield found.path, _value(found)
                yield from _attributes(found)
            elif found is not None:
                yield from _attributes(found)
                waiting.append(found)


def _members(group: Group) -> Iterator[Any]:
    offset = 0
    while items := group.children(offset, MEMBERS).items:
        yield from items
        offset += len(items)


def _attributes(node: Dataset | Group) -> Iterator[tuple[str, str]]:
    for name, value in node.attrs.items():
        yield f"{node.path}@{name}", exact(value)


def _value(dataset: Dataset) -> str:
    if dataset.size > SMALL:
        shape = " x ".join(str(n) for n in dataset.shape)
        return f"{shape}, {dataset.dtype}"
    try:
        found = np.asarray(dataset.read())
    except DaisyError as error:
        return f"cannot be read: {error}"
    text = ", ".join(exact(value) for value in found.reshape(-1))
    units = f" {dataset.units}" if dataset.units else ""
    return (f"[{text}]" if dataset.shape else text) + units

"""Which array of a Zarr store to draw first, and which arrays are its axes.

In this order: the chain of `default` attributes, a group that names its `signal`, the
array with `signal=1`, the largest numeric array of two or more axes, the largest line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from daisy_kernel.io.zarr.group import is_array
from daisy_kernel.io.zarr.store import FolderStore, Node, names, open_node
from daisy_kernel.model.errors import DataError
from daisy_kernel.model.text import plain

# so many groups and arrays are looked at in search of a signal
_MOST_NODES = 1000
_DEEPEST = 12
_MOST_SIGNALS = 20
Axes = tuple[str | None, ...]


@dataclass
class Choice:
    """Paths of arrays, best first, and what to say about them."""

    paths: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def choose(store: FolderStore, root: Node) -> Choice:
    """Look through a store for what to draw."""
    nodes = dict(_nodes(store, root))
    choice = Choice()
    default = _default(nodes, choice)
    groups = [path for path, node in nodes.items() if not is_array(node)]
    for group in [*([default] if default is not None else []), *groups]:
        _add(choice, nodes, _signal(nodes, group))
    for path in [path for path, node in nodes.items() if _says_so(node)]:
        _add(choice, nodes, path)
    if not choice.paths:
        for path in _largest(nodes):
            _add(choice, nodes, path)
    del choice.paths[_MOST_SIGNALS:]
    return choice


def axes_of(store: FolderStore, path: str, node: Node) -> tuple[Axes, tuple[str, ...]]:
    """Name the axes of an array; one that does not fit is left out and noted."""
    shape = tuple(node.shape)
    declared = _declared(store, path, node)
    wanted = [*declared[: len(shape)], *[None] * (len(shape) - len(declared))]
    axes: list[str | None] = []
    notes: list[str] = []
    for axis, name in enumerate(wanted):
        problem = _problem(store, path, name, axis, shape) if name else None
        axes.append(None if problem else name)
        notes += [problem] if problem else []
    return tuple(axes), tuple(notes)


def _nodes(store: FolderStore, root: Node) -> Iterator[tuple[str, Node]]:
    """Walk through a store, level by level, as far as is sensible."""
    level, seen = [("", root)], 0
    for _ in range(_DEEPEST):
        below = []
        for path, node in level:
            yield path, node
            seen += 1
            if seen >= _MOST_NODES:
                return
            if not is_array(node):
                below += list(_members(store, path))
        level = below


def _members(store: FolderStore, path: str) -> Iterator[tuple[str, Node]]:
    for name in names(store.place(path))[:_MOST_NODES]:
        inside = f"{path}/{name}".lstrip("/")
        try:
            yield inside, open_node(store, inside)
        except DataError:
            continue


def _default(nodes: dict[str, Node], choice: Choice) -> str | None:
    path, followed = "", False
    for _ in range(_DEEPEST):
        name = _text(nodes[path].attrs.get("default"))
        if not name:
            break
        inside = f"{path}/{name}".lstrip("/")
        if inside not in nodes:
            choice.notes.append(f"the declared default {name!r} is missing")
            return None
        path, followed = inside, True
    return path if followed else None


def _signal(nodes: dict[str, Node], path: str) -> str | None:
    """Give what a group names as its signal."""
    if is_array(nodes[path]):  # the default can be the array itself
        return path
    name = _text(nodes[path].attrs.get("signal"))
    return f"{path}/{name}".lstrip("/") if name else None


def _says_so(node: Node) -> bool:
    """Whether an array calls itself the signal, as older files do."""
    return is_array(node) and str(plain(node.attrs.get("signal"))) == "1"


def _add(choice: Choice, nodes: dict[str, Node], path: str | None) -> None:
    if path is None or path in choice.paths:
        return
    if path not in nodes:
        choice.notes.append(f"the declared signal {path!r} is missing")
    elif _is_numeric(nodes[path]):
        choice.paths.append(path)


def _is_numeric(node: Node) -> bool:
    return is_array(node) and node.dtype.kind in "biufc"


def _largest(nodes: dict[str, Node]) -> list[str]:
    """Give images and stacks by size, or lines if there are none."""
    numeric = {path: node for path, node in nodes.items() if _is_numeric(node)}
    images = [path for path, node in numeric.items() if len(node.shape) > 1]
    lines = [path for path, node in numeric.items() if len(node.shape) == 1]
    return sorted(images or lines, key=lambda p: -math.prod(numeric[p].shape))


def _declared(store: FolderStore, path: str, node: Node) -> list[str | None]:
    """Read the group's `axes` if this is its signal, else the dimension names."""
    group, _, name = path.rpartition("/")
    value: Any = None
    try:
        attrs = open_node(store, group).attrs if path else {}
        if _text(attrs.get("signal")) == name:
            value = plain(attrs.get("axes"))
    except DataError:
        pass
    value = value or getattr(node.metadata, "dimension_names", None)
    value = value or node.attrs.get("_ARRAY_DIMENSIONS") or []
    if isinstance(value, str):
        value = [part for part in re.split(r"[:,\s]+", value.strip("[] ")) if part]
    return [None if name in (".", "", None) else str(name) for name in value]


def _problem(
    store: FolderStore, path: str, name: str, axis: int, shape: tuple[int, ...]
) -> str | None:
    """Compare with the array of that name; a name alone is no problem."""
    beside = f"{path.rpartition('/')[0]}/{name}".lstrip("/")
    try:
        node = open_node(store, beside)
    except DataError:
        return None
    found = tuple(node.shape) if is_array(node) else ()
    if found in ((shape[axis],), (shape[axis] + 1,)):
        return None
    return f"axis {name!r} of shape {found} does not fit the signal of shape {shape}"


def _text(value: Any) -> str:
    found = plain(value)
    return found if isinstance(found, str) else ""

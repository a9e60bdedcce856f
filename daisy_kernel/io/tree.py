"""A tree that is made while it is walked, for formats that are read whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from daisy_kernel.io.reading import explain, plan
from daisy_kernel.model import Child, Page, Selection
from daisy_kernel.model.errors import FieldNotFound
from daisy_kernel.model.nodes import Array, ArraySource, GroupSource, Layout
from daisy_kernel.model.text import describe_array, plain

Node = ArraySource | GroupSource
Reopen = Callable[[str, str], ArraySource]


class TreeArray:
    """Implements ArraySource for an array that is in memory.

    Parameters
    ----------
    reopen
        Function of (file, path) that gives this array in another process.
    """

    notes: tuple[str, ...] = ()
    layout = Layout()

    def __init__(
        self,
        file: str,
        path: str,
        data: Any,
        reopen: Reopen,
        axes: tuple[str | None, ...] = (),
        attrs: Mapping[str, Any] | None = None,
    ) -> None:
        self.file, self.path, self._reopen = file, path, reopen
        self._data = np.asarray(data)
        self.shape, self.dtype = self._data.shape, self._data.dtype
        self.axes = axes or (None,) * len(self.shape)
        self.attrs: Mapping[str, Any] = attrs or {}

    def __reduce__(self) -> tuple[Any, ...]:
        return self._reopen, (self.file, self.path)

    @property
    def written(self) -> int:
        """Positions of the first axis."""
        return self.shape[0] if self.shape else 1

    def refresh(self) -> None:
        """Look again: shape and content may have grown."""
        self.__dict__.update(vars(self._reopen(self.file, self.path)))

    def files(self) -> tuple[str, ...]:
        """Name the file that it was read from."""
        return (self.file,)

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the dataset are absent."""
        return ()

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        return explain(plan(selection, None, self.dtype.itemsize), (), "memory")

    def read(self, selection: Selection, out: Array) -> Array:
        """Copy what is selected."""
        made = plan(selection, None, self.dtype.itemsize)
        for piece in made.pieces:
            out[piece.target] = self._data[piece.source]
        return out


class TreeGroup:
    """Implements GroupSource: members are made when they are asked for."""

    def __init__(
        self,
        file: str,
        path: str,
        members: Mapping[str, Callable[[], Node]],
        attrs: Mapping[str, Any] | None = None,
    ) -> None:
        self.file, self.path, self._members = file, path, members
        self.attrs: Mapping[str, Any] = attrs or {}

    def children(self, offset: int, limit: int, filter: str) -> Page[Child]:
        """List members in the order of the file; only those of the page are made."""
        found = [name for name in self._members if filter.lower() in name.lower()]
        shown = found[offset : offset + limit]
        return Page(tuple(self._child(name) for name in shown), len(found), offset)

    def get(self, path: str) -> Node:
        """Open a member."""
        first, _, rest = path.strip("/").partition("/")
        if first in ("", "."):
            return self.get(rest) if rest else self
        if first not in self._members:
            raise FieldNotFound(
                f"{self.file}: {self.path or '/'}", first, self._members
            )
        node = self._made(first)
        if not rest:
            return node
        if not isinstance(node, TreeGroup):
            raise FieldNotFound(f"{self.file}: {node.path}", rest, ())
        return node.get(rest)

    def _child(self, name: str) -> Child:
        node: Any = self._made(name)
        if isinstance(node, TreeGroup):
            kind = str(plain(node.attrs.get("NX_class", "")))
            return Child(name, node.path, "group", kind)
        detail = describe_array(node.shape, node.dtype)
        return Child(name, node.path, "dataset", detail)

    def _made(self, name: str) -> Node:
        if name not in self._made_already:
            self._made_already[name] = self._members[name]()
        return self._made_already[name]

    @cached_property
    def _made_already(self) -> dict[str, Node]:
        return {}

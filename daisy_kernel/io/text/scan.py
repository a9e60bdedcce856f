"""A file of text that is read whole, as a scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.tree import Node, TreeArray, TreeGroup
from daisy_kernel.model import Problem
from daisy_kernel.model.errors import FieldNotFound
from daisy_kernel.model.nodes import ArraySource

_MOST_SIGNALS = 100


@dataclass(frozen=True)
class Column:
    """Numbers of a file.

    Attributes
    ----------
    axis
        The column beside it that it belongs to; none for that one itself.
    notes
        What is odd about it, or how it was made.
    """

    values: Any
    attrs: Mapping[str, Any] = field(default_factory=dict)
    axis: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """What a group of a file holds: columns and groups by name, best signal first."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    groups: Mapping[str, Table] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)
    signals: tuple[str, ...] = ()


Read = Callable[[Path], Table]


class TextScan:
    """Implements ScanSource for a file that a function reads into a table."""

    def __init__(self, path: Path, format: str, read: Read) -> None:
        self.path, self.format, self._read = str(path), format, read
        self.refresh()

    def refresh(self) -> None:
        """Look again at what is being written."""
        self._table = self._read(Path(self.path))
        self.root = self._group("", self._table)

    def signals(self) -> tuple[ArraySource, ...]:
        """Give the signals of the file, then those of its groups."""
        paths = _signals(self._table, "")[:_MOST_SIGNALS]
        found: Any = (self.root.get(path) for path in paths)
        return tuple(found)

    def notes(self) -> tuple[str, ...]:
        """Say what should be known about the choice of the signal."""
        return ()

    def missing(self) -> tuple[Problem, ...]:
        """List links and virtual sources without target."""
        return ()

    def close(self) -> None:
        """Nothing is kept open."""

    def _group(self, path: str, table: Table) -> TreeGroup:
        members: dict[str, Callable[[], Node]] = {
            name: partial(self._array, f"{path}/{name}".lstrip("/"), column)
            for name, column in table.columns.items()
        }
        for name, group in table.groups.items():
            members[name] = partial(self._group, f"{path}/{name}".lstrip("/"), group)
        return TreeGroup(self.path, path, members, table.attrs)

    def _array(self, path: str, column: Column) -> TreeArray:
        again = partial(reopen, self.format, self._read)
        array = TreeArray(
            self.path,
            path,
            np.asarray(column.values),
            again,
            (column.axis,),
            column.attrs,
        )
        array.notes = column.notes
        return array


def _signals(table: Table, path: str) -> list[str]:
    own = [f"{path}/{name}".lstrip("/") for name in table.signals]
    inside = (_signals(t, f"{path}/{name}") for name, t in table.groups.items())
    return own + [found for group in inside for found in group]


def reopen(format: str, read: Read, file: str, path: str) -> ArraySource:
    """Open an array again in another process: what a pickle stands for."""
    node: Any = TextScan(Path(file), format, read).root.get(path)
    if isinstance(node, TreeGroup):
        raise FieldNotFound(file, path, ())
    found: ArraySource = node
    return found

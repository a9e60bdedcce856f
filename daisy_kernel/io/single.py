"""The tree of a scan that is one array: `data` and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from daisy_kernel.model import Child, Page, Problem
from daisy_kernel.model.errors import FieldNotFound
from daisy_kernel.model.nodes import ArraySource
from daisy_kernel.model.text import describe_array

NAME = "data"


class SingleGroup:
    """Implements GroupSource: a root with one member."""

    path = ""

    def __init__(self, array: ArraySource, attrs: Mapping[str, Any]) -> None:
        self.file, self._array, self.attrs = array.file, array, attrs

    def children(self, offset: int, limit: int, filter: str) -> Page[Child]:
        """List the member."""
        detail = describe_array(self._array.shape, self._array.dtype)
        every = (Child(NAME, NAME, "dataset", detail),)
        found = tuple(child for child in every if filter.lower() in child.name)
        return Page(found[offset : offset + limit], len(found), offset)

    def get(self, path: str) -> ArraySource | SingleGroup:
        """Open the member."""
        name = path.strip("/")
        if name in ("", "."):
            return self
        if name != NAME:
            raise FieldNotFound(self.file, name, [NAME])
        return self._array


class SingleScan:
    """Implements ScanSource for one array."""

    def __init__(
        self,
        format: str,
        array: ArraySource,
        attrs: Mapping[str, Any] | None = None,
        notes: tuple[str, ...] = (),
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.path, self.format, self._array = array.file, format, array
        self._notes, self._close = notes, close
        self.root = SingleGroup(array, attrs or {})

    def signals(self) -> tuple[ArraySource, ...]:
        """Give the array."""
        return (self._array,)

    def notes(self) -> tuple[str, ...]:
        """Say what should be known about the choice of the signal."""
        return self._notes

    def missing(self) -> tuple[Problem, ...]:
        """List links and virtual sources without target."""
        return ()

    def refresh(self) -> None:
        """Look again at what is being written."""
        self._array.refresh()

    def close(self) -> None:
        """Let go of what is kept open, if anything."""
        self._close()

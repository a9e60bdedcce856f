"""A Zarr store as a scan."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from daisy_kernel.io.roots import Roots
from daisy_kernel.io.single import NAME, SingleScan
from daisy_kernel.io.zarr.array import ZarrArray
from daisy_kernel.io.zarr.group import ZarrGroup, is_array
from daisy_kernel.io.zarr.plot import Choice, axes_of, choose
from daisy_kernel.io.zarr.store import FolderStore, Node, open_node
from daisy_kernel.model import Problem
from daisy_kernel.model.nodes import ScanSource

FORMAT = "zarr"


class ZarrScan:
    """Implements ScanSource for a store whose root is a group."""

    format = FORMAT

    def __init__(self, store: FolderStore, root: Node) -> None:
        self.path, self._store, self._node = str(store.folder), store, root
        self.root = ZarrGroup(store, "", root, self._array)

    @cached_property
    def _choice(self) -> Choice:
        return choose(self._store, self._node)

    def signals(self) -> tuple[ZarrArray, ...]:
        """Give what is worth drawing, best first."""
        paths = self._choice.paths
        return tuple(self._array(path, open_node(self._store, path)) for path in paths)

    def notes(self) -> tuple[str, ...]:
        """Say what should be known about the choice of the signal."""
        return tuple(self._choice.notes)

    def missing(self) -> tuple[Problem, ...]:
        """List links and virtual sources without target."""
        return ()

    def refresh(self) -> None:
        """Look again at what is being written."""
        self._node = open_node(self._store, "")
        self.__dict__.pop("_choice", None)

    def close(self) -> None:
        """Files are opened for each read, so there is nothing to close."""

    def _array(self, path: str, node: Node) -> ZarrArray:
        axes, notes = axes_of(self._store, path, node)
        return ZarrArray(self._store, node, path, path, axes, notes)


def open_zarr(path: Path, roots: Roots) -> ScanSource:
    """Open a store; an array that is the whole store is its `data`."""
    store = FolderStore(path, roots)
    node = open_node(store, "")
    if not is_array(node):
        return ZarrScan(store, node)
    axes, notes = axes_of(store, "", node)
    return SingleScan(FORMAT, ZarrArray(store, node, "", NAME, axes, notes))

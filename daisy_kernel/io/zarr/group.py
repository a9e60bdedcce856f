"""A group in a Zarr store, listed page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from daisy_kernel.io.zarr.array import ZarrArray
from daisy_kernel.io.zarr.folder import is_node
from daisy_kernel.io.zarr.store import FolderStore, Node, names, open_node
from daisy_kernel.model import Child, Page
from daisy_kernel.model.errors import DataError, FieldNotFound, OutsideData
from daisy_kernel.model.text import describe_array, plain

MakeArray = Callable[[str, Node], ZarrArray]


def is_array(node: Node) -> bool:
    """Whether a node is an array rather than a group."""
    return hasattr(node, "shape")


class ZarrGroup:
    """Implements GroupSource by looking at folders."""

    def __init__(
        self, store: FolderStore, path: str, node: Node, array: MakeArray
    ) -> None:
        self.path, self.file = path, str(store.folder)
        self.attrs: Mapping[str, Any] = dict(node.attrs)
        self._store, self._array = store, array

    def children(self, offset: int, limit: int, filter: str) -> Page[Child]:
        """List members by name; only those of the page are looked at."""
        found = [n for n in names(self._folder) if filter.lower() in n.lower()]
        shown = found[offset : offset + limit]
        return Page(tuple(self._child(name) for name in shown), len(found), offset)

    def get(self, path: str) -> ZarrArray | ZarrGroup:
        """Open a member; a leading slash means the root of the store."""
        start = "" if path.startswith("/") else self.path
        parts = [p for p in f"{start}/{path}".split("/") if p not in ("", ".")]
        whole = "/".join(parts)
        node = open_node(self._store, whole)
        if is_array(node):
            return self._array(whole, node)
        return ZarrGroup(self._store, whole, node, self._array)

    def _child(self, name: str) -> Child:
        path = f"{self.path}/{name}".lstrip("/")
        try:
            node = self._open(path)
        except OutsideData as error:
            return Child(name, path, "outside", error.reason)
        except DataError as error:
            return Child(name, path, "missing", getattr(error, "reason", str(error)))
        if is_array(node):
            return Child(
                name, path, "dataset", describe_array(tuple(node.shape), node.dtype)
            )
        if self._folder.resolve().is_relative_to((self._folder / name).resolve()):
            return Child(name, path, "loop", "leads back to a group above")
        return Child(name, path, "group", str(plain(node.attrs.get("NX_class", ""))))

    def _open(self, path: str) -> Node:
        place = self._store.place(path)
        if not is_node(place):
            raise FieldNotFound(self.file, path, ())
        return open_node(self._store, path)

    @property
    def _folder(self) -> Any:
        return self._store.place(self.path)

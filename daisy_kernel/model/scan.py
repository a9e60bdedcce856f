"""Scan and Group: a file or folder as a tree of named, lazy datasets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from daisy_kernel.model.closing import Closing
from daisy_kernel.model.dataset import Dataset
from daisy_kernel.model.first_frame import first_frame
from daisy_kernel.model.nodes import (
    ArraySource,
    Child,
    GroupSource,
    KnowsGroups,
    Page,
    Problem,
    ScanSource,
)
from daisy_kernel.model.pixel_mask import pixel_mask

_MEMBERS = 500  # of a group that are looked at at a time


class Group:
    """A named set of groups and datasets."""

    def __init__(self, source: GroupSource) -> None:
        self._source = source

    @property
    def path(self) -> str:
        """Path inside the file; the root's is empty."""
        return self._source.path

    @property
    def file(self) -> str:
        """File that was opened to find the group."""
        return self._source.file

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes, decoded."""
        return self._source.attrs

    def children(
        self, offset: int = 0, limit: int = 200, filter: str = ""
    ) -> Page[Child]:
        """List members, by name, page by page.

        Parameters
        ----------
        offset, limit
            The page.
        filter
            Only names that contain this text, upper or lower case.
        """
        return self._source.children(offset, limit, filter)

    def subgroups(self) -> Iterator[Group]:
        """Go through the groups below, one level, by name.

        A link that leads back to a group above, or out of the data, is left out.
        """
        for name in self._names_of_groups():
            found = self.get(name)
            if isinstance(found, Group):
                yield found

    def _names_of_groups(self) -> Iterator[str]:
        if isinstance(self._source, KnowsGroups):
            yield from self._source.names_of_groups()
            return
        offset = 0
        while items := self.children(offset, _MEMBERS).items:
            yield from (child.name for child in items if child.kind == "group")
            offset += len(items)

    def __getitem__(self, path: str) -> Dataset | Group:
        return node(self._source.get(path))

    def get(self, path: str) -> Dataset | Group | None:
        """Give a member, or None where there is none that can be opened."""
        from daisy_kernel.model.errors import DataError

        try:
            return self[path]
        except DataError:
            return None

    def __repr__(self) -> str:
        return f"<Group {self.file}: {self.path or '/'}>"

    def _repr_html_(self) -> str:
        from daisy_kernel.model.html import group_html

        return group_html(self)


def node(source: ArraySource | GroupSource) -> Dataset | Group:
    """Wrap what a reader found."""
    if hasattr(source, "shape"):
        return Dataset(cast(ArraySource, source))
    return Group(source)


class Scan(Closing):
    """One measurement: a file, or a folder of images.

    A scan is a tree (`scan["entry/data/data"]`) with a default plot
    (`scan.signal`). Use it in a `with` statement to let go of the file.
    """

    def __init__(self, source: ScanSource) -> None:
        self._source = source
        self.root = Group(source.root)

    @property
    def path(self) -> str:
        """Absolute path of the file or folder."""
        return self._source.path

    @property
    def format(self) -> str:
        """Like "hdf5", "tiff", "tiff-folder", "zarr", "cbf-folder"."""
        return self._source.format

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes of the root."""
        return self.root.attrs

    @property
    def signal(self) -> Dataset | None:
        """The default plot; None where the file has no numbers to draw."""
        return next(iter(self.signals), None)

    @property
    def signals(self) -> tuple[Dataset, ...]:
        """Everything worth drawing, the default first."""
        return tuple(Dataset(source) for source in self._source.signals())

    def first_frame(self, signal: Dataset) -> int:
        """Index of the frame of *signal* that tells most at a glance."""
        return first_frame(self, signal)

    def pixel_mask(self, signal: Dataset) -> Dataset | None:
        """Find the mask of the detector that *signal* comes from; see pixel_mask."""
        return pixel_mask(self, signal)

    @property
    def notes(self) -> tuple[str, ...]:
        """What should be known about the choice of the default plot."""
        return self._source.notes()

    @property
    def missing(self) -> tuple[Problem, ...]:
        """Links and virtual sources that lead nowhere."""
        return self._source.missing()

    def __getitem__(self, path: str) -> Dataset | Group:
        return self.root[path]

    def get(self, path: str) -> Dataset | Group | None:
        """Give a member, or None where there is none that can be opened."""
        return self.root.get(path)

    def children(
        self, offset: int = 0, limit: int = 200, filter: str = ""
    ) -> Page[Child]:
        """List the members of the root; see Group.children."""
        return self.root.children(offset, limit, filter)

    def refresh(self) -> None:
        """Look again at what is being written: frames, members, the default plot."""
        self._source.refresh()

    def close(self) -> None:
        """Let go of the file. Its datasets cannot be read any more."""
        self._source.close()

    def __repr__(self) -> str:
        return f"<Scan {self.path} ({self.format})>"

    def _repr_html_(self) -> str:
        from daisy_kernel.model.html import scan_html

        return scan_html(self)

"""What a reader gives: the two protocols behind Dataset and Group, and pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from daisy_kernel.model.selection import Selection

Item_co = TypeVar("Item_co", covariant=True)
Array = npt.NDArray[Any]
Kind = Literal["group", "dataset", "missing", "outside", "loop"]


@dataclass(frozen=True)
class Page(Generic[Item_co]):
    """A part of a long list."""

    items: tuple[Item_co, ...]
    total: int
    offset: int = 0

    def __iter__(self) -> Iterator[Item_co]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class Child:
    """One line of a tree: what stands below a group.

    Attributes
    ----------
    detail
        Shape and type, NX_class, or why it cannot be opened.
    link
        Where a link leads; empty for what lies in the group itself.
    """

    name: str
    path: str
    kind: Kind
    detail: str = ""
    link: str = ""


@dataclass(frozen=True)
class Problem:
    """Something that a file promises and does not hold."""

    path: str
    kind: Kind
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True)
class Layout:
    """How a dataset lies on disk."""

    chunks: tuple[int, ...] | None = None
    filters: tuple[str, ...] = ()
    stored_bytes: int | None = None


class ArraySource(Protocol):
    """Numbers behind a Dataset. A source pickles by its file's path."""

    path: str
    file: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    axes: tuple[str | None, ...]
    notes: tuple[str, ...]

    @property
    def layout(self) -> Layout:
        """How it lies on disk."""
        ...

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes, decoded."""
        ...

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the dataset are absent."""
        ...

    def read(self, selection: Selection, out: Array) -> Array:
        """Read what is selected, in rising order, into an array of `full_shape`.

        The array can have any strides. It is given back, or another one of the
        same shape where the type is only known afterwards (text).
        """
        ...

    @property
    def written(self) -> int:
        """Positions of the first axis up to the last one that is there whole."""
        ...

    def refresh(self) -> None:
        """Look again: shape and content may have grown."""
        ...

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        ...


@runtime_checkable
class HasHoles(Protocol):
    """An array that can lack parts: a virtual dataset with absent sources."""

    def read_present(self, selection: Selection, out: Array) -> Array:
        """Read what is there, and give a mask of what is not, as `read` does."""
        ...


@dataclass(frozen=True)
class Trace:
    """What tells an array from another one, found without reading it.

    Attributes
    ----------
    files
        Path, size in bytes and time of change in ns of each file behind it, in an
        order that does not depend on where they lie.
    header
        Digest of what says what the numbers are.
    chunks
        Digest of where they are in these files, which are named by their number.
    """

    files: tuple[tuple[str, int, int], ...]
    header: bytes
    chunks: bytes


@runtime_checkable
class HasTrace(Protocol):
    """An array that looks at its files, as they are now, for its identity."""

    def trace(self) -> Trace:
        """Look, or raise what `read` would raise where a file is gone."""
        ...


@runtime_checkable
class HasFiles(Protocol):
    """An array that knows which files its numbers are in."""

    def files(self) -> tuple[str, ...]:
        """Give the files that were there when it was looked at."""
        ...


class GroupSource(Protocol):
    """Members behind a Group."""

    path: str
    file: str

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes, decoded."""
        ...

    def children(self, offset: int, limit: int, filter: str) -> Page[Child]:
        """List a part of the members."""
        ...

    def get(self, path: str) -> ArraySource | GroupSource:
        """Open a member, by a path below this group."""
        ...


@runtime_checkable
class KnowsGroups(Protocol):
    """A group that tells its groups without describing all its members."""

    def names_of_groups(self) -> Iterator[str]:
        """Give names of groups, without links that lead back or nowhere."""
        ...


class ScanSource(Protocol):
    """An open file or folder."""

    path: str
    format: str

    @property
    def root(self) -> GroupSource:
        """Give the top of the tree."""
        ...

    def signals(self) -> Sequence[ArraySource]:
        """Give what is worth drawing, best first."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Say what a reader should know about the choice of the signal."""
        ...

    def missing(self) -> tuple[Problem, ...]:
        """List links and virtual sources without target, as far as looked at."""
        ...

    def refresh(self) -> None:
        """Look again at what is being written."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...

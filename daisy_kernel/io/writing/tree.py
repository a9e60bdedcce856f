"""What a NeXus file is to hold: a tree of plain objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy.typing as npt

Compression = Literal["gzip", "bitshuffle-lz4", "bitshuffle-zstd", "zstd"]


@dataclass(frozen=True)
class Field:
    """A dataset to write.

    Attributes
    ----------
    data
        Array, number or text; or blocks along the first axis, with *shape* and
        *dtype* given, so that a large dataset is never whole in memory. A block is
        encoded while the next one is made: it must not be changed once it is given.
    units
        The `units` attribute.
    chunks
        Shape of the pieces on disk; one frame each if compressed and not given.
    """

    data: Any
    units: str = ""
    attrs: Mapping[str, Any] = field(default_factory=dict)
    compression: Compression | None = None
    chunks: tuple[int, ...] | None = None
    shape: tuple[int, ...] | None = None
    dtype: npt.DTypeLike | None = None


@dataclass(frozen=True)
class Link:
    """A soft link to an absolute path in the same file."""

    target: str


@dataclass(frozen=True)
class Branch:
    """A group to write: its NeXus class, attributes and members."""

    nx_class: str
    members: Mapping[str, Any] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)

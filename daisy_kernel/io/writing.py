"""Write NeXus files: a tree of plain objects, to disk in one step or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import h5py
import hdf5plugin
import numpy as np
import numpy.typing as npt

from daisy_kernel.model.errors import ResultExists

Compression = Literal["bitshuffle-lz4", "gzip"]


@dataclass(frozen=True)
class Field:
    """A dataset to write.

    Attributes
    ----------
    data
        Array, number or text; or blocks along the first axis, with *shape* and
        *dtype* given, so that a large dataset is never whole in memory.
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


def write_nexus(path: Path, root: Branch) -> None:
    """Write a file under another name, then give it its own.

    Members that are neither Branch, Field nor Link are written as a Field.

    Raises
    ------
    ResultExists
        There is a file of that name; it is not touched.
    """
    if path.exists():
        raise ResultExists(str(path))
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with h5py.File(temporary, "w", locking=False) as file:
            _write_group(file, root)
        _sync(temporary)
        _publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _publish(temporary: Path, path: Path) -> None:
    """Rename without replacing: a hard link fails if the name is taken."""
    try:
        os.link(temporary, path)
    except FileExistsError as error:
        raise ResultExists(str(path)) from error
    except OSError:  # a file system without hard links
        if path.exists():
            raise ResultExists(str(path)) from None
        temporary.rename(path)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _write_group(group: h5py.Group, branch: Branch) -> None:
    if branch.nx_class:
        group.attrs["NX_class"] = branch.nx_class
    for name, value in branch.attrs.items():
        group.attrs[name] = value
    for name, member in branch.members.items():
        if isinstance(member, Branch):
            _write_group(group.create_group(name), member)
        elif isinstance(member, Link):
            group[name] = h5py.SoftLink(member.target)
        else:
            spec = member if isinstance(member, Field) else Field(member)
            _write_field(group, name, spec)


def _write_field(group: h5py.Group, name: str, spec: Field) -> None:
    if spec.shape is None:
        options = _options(np.shape(spec.data), spec)
        dataset = group.create_dataset(name, data=spec.data, **options)
    else:
        options = _options(spec.shape, spec)
        dataset = group.create_dataset(name, spec.shape, spec.dtype, **options)
        _fill(dataset, spec.data)
    if spec.units:
        dataset.attrs["units"] = spec.units
    for key, value in spec.attrs.items():
        dataset.attrs[key] = value


def _fill(dataset: h5py.Dataset, blocks: Iterable[npt.NDArray[Any]]) -> None:
    at = 0
    for block in blocks:
        dataset[at : at + len(block)] = block
        at += len(block)
    if at != len(dataset):
        raise ValueError(f"{dataset.name}: {at} of {len(dataset)} frames were given")


def _options(shape: tuple[int, ...], spec: Field) -> dict[str, Any]:
    if spec.compression is None:
        return {"chunks": spec.chunks} if spec.chunks else {}
    chunks = spec.chunks or (1, *shape[1:])
    if spec.compression == "gzip":
        return {"chunks": chunks, "compression": "gzip", "compression_opts": 4,
                "shuffle": True}  # fmt: skip
    return {"chunks": chunks, **hdf5plugin.Bitshuffle(cname="lz4")}

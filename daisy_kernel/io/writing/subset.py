"""Write a part of a dataset to an HDF5 file, with all that belongs to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.writing.content import frame_chunks
from daisy_kernel.io.writing.nexus import write_nexus
from daisy_kernel.io.writing.tree import Branch, Field
from daisy_kernel.model import Dataset, Scan
from daisy_kernel.model.errors import DataError
from daisy_kernel.model.nodes import Array

_MEMORY = 64 << 20
# what belongs to the place of the data in the old file
_LEFT = ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid")
Selection = tuple[int | slice, ...]


def write_subset(
    path: Path, scan: Scan, dataset: Dataset, selection: Selection, source: str
) -> None:
    """Write a part of a dataset: numbers, attributes, units, axes and origin.

    It is read and written block by block. The file is there whole, or not at all.

    Parameters
    ----------
    selection
        For each axis a position, or a slice with a beginning and an end.
    source
        How the file that the part comes from is called.

    Raises
    ------
    ResultExists, WriteFailed
        Nothing is left.
    """
    kept = [axis for axis, part in enumerate(selection) if isinstance(part, slice)]
    shape = tuple(
        len(range(*part.indices(size)))
        for part, size in zip(selection, dataset.shape, strict=True)
        if isinstance(part, slice)
    )
    name = dataset.name or "data"
    signal = Field(
        _blocks(dataset, selection) if shape else dataset.read(selection),
        dataset.units or "",
        attrs=_attributes(dataset.attrs),
        chunks=frame_chunks(shape, dataset.dtype.itemsize),
        compression="gzip" if shape and 0 not in shape else None,
        shape=shape or None,
        dtype=dataset.dtype if shape else None,
    )
    members: dict[str, Any] = {name: signal}
    names = []
    for axis in kept:
        found = _axis(scan, dataset, axis)
        free = found is not None and found.name not in members
        names.append(found.name if found is not None and free else ".")
        if found is not None and free:
            members[found.name] = Field(
                found.read((selection[axis],)),
                found.units or "",
                attrs=_attributes(found.attrs),
            )
    data = Branch("NXdata", members, {"signal": name, "axes": names})
    origin = Branch("NXcollection", _origin(dataset, selection, source))
    entry = Branch("NXentry", {"data": data, "source": origin}, {"default": "data"})
    write_nexus(path, Branch("NXroot", {"entry": entry}, {"default": "entry"}))


def _origin(dataset: Dataset, selection: Selection, source: str) -> dict[str, Any]:
    return {
        "file": source,
        "dataset": dataset.path,
        "selection": text_of(selection),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "program": f"DAISY {version('daisy-kernel')}",
    }


def text_of(selection: Selection) -> str:
    """Write a selection as a line of code has it."""
    return ", ".join(
        f"{part.start}:{part.stop}" if isinstance(part, slice) else str(part)
        for part in selection
    )


def _blocks(dataset: Dataset, selection: Selection) -> Iterator[Array]:
    """Read along the first axis that is kept, a bounded part at a time."""
    cut = next(axis for axis, part in enumerate(selection) if isinstance(part, slice))
    first, last, _ = selection[cut].indices(dataset.shape[cut])  # type: ignore[union-attr]
    inner = dataset.dtype.itemsize
    for axis, part in enumerate(selection):
        if axis > cut and isinstance(part, slice):
            inner *= len(range(*part.indices(dataset.shape[axis])))
    step = max(1, _MEMORY // max(inner, 1))
    for start in range(first, last, step):
        within = slice(start, min(start + step, last))
        yield dataset.read((*selection[:cut], within, *selection[cut + 1 :]))


def _axis(scan: Scan, dataset: Dataset, axis: int) -> Dataset | None:
    """Find the numbers along an axis, one for each position."""
    name = dataset.axes[axis] if axis < len(dataset.axes) else None
    if not name:
        return None
    near = f"{dataset.path.rpartition('/')[0]}/{name}"
    found = scan.get(name if "/" in name else near)
    fits = isinstance(found, Dataset) and found.shape == (dataset.shape[axis],)
    return found if isinstance(found, Dataset) and fits else None


def _attributes(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what HDF5 can hold by itself: no references, no units (written apart)."""
    found: dict[str, Any] = {}
    with contextlib.suppress(DataError):
        for name, value in attrs.items():
            kind = np.asarray(value).dtype.kind
            if name not in (*_LEFT, "units") and kind in "biufcSU":
                found[name] = value
    return found

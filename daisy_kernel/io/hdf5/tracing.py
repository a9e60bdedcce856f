"""What identifies an HDF5 dataset: its header, its table of chunks, its files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5d

from daisy_kernel.io.hdf5.attributes import Attributes
from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.virtual import Behind
from daisy_kernel.io.hdf5.walk import Place, find_file
from daisy_kernel.io.reading import Stamps
from daisy_kernel.io.tracing import FileStamp, digest, stamp
from daisy_kernel.model.nodes import Trace

_MOST_BLOCKS = 100_000


def trace(files: Files, place: Place, behind: Behind, stamps: Stamps) -> Trace:
    """Put together what is known of a dataset.

    Parameters
    ----------
    stamps
        The files behind it, as they were when their chunks were looked up.
    """
    dataset = h5py.Dataset(place.object)
    known: dict[str, FileStamp] = {
        str(path): (str(path), size, time)
        for path, (_, size, time) in ((place.file, stamps[place.file]), *stamps.items())
    }
    if not behind.is_known:
        for path in _looked_for(dataset, place.file):
            if files.allows(path):
                known.setdefault(str(path), stamp(path))
    # of two small datasets in their headers nothing else may differ
    left = None if behind.is_known else (place.identity[1], _left_to_hdf5(dataset))
    chunks = digest(list(_chunks(behind)), left)
    return Trace(tuple(known.values()), _header(dataset), chunks)


def _header(dataset: h5py.Dataset) -> bytes:
    """Shape, type, filters, fill value and attributes."""
    properties = dataset.id.get_create_plist()
    filters = [properties.get_filter(i) for i in range(properties.get_nfilters())]
    return digest(
        dataset.shape,
        dataset.maxshape,
        repr(dataset.dtype),
        dataset.chunks,
        filters,
        _fill(dataset),
        Attributes(dataset.id),
    )


def _fill(dataset: h5py.Dataset) -> Any:
    try:
        return dataset.fillvalue
    except (RuntimeError, TypeError, ValueError):  # of a type that has none
        return None


def _chunks(behind: Behind) -> Iterator[Any]:
    """Give the table of chunks, or those of the sources and where they belong."""
    for hole in behind.holes:
        yield hole.kind, _numbers(hole.span)
    if behind.stored.table is not None:
        yield behind.stored.table.rows()
    for source in behind.sources:
        mapping = source.mapping
        yield _numbers(mapping.span)
        yield [(axis, *_numbers((at,))) for axis, at in mapping.source]
        yield from _chunks(source.behind)


def _numbers(span: tuple[range, ...]) -> list[tuple[int, int, int]]:
    return [(at.start, at.stop, at.step) for at in span]


def _left_to_hdf5(dataset: h5py.Dataset) -> Any:
    """Give what HDF5 says of a dataset that the core has no table of."""
    if dataset.is_virtual:
        return [entry.dset_name for entry in dataset.virtual_sources()]
    layout = dataset.id.get_create_plist().get_layout()
    if layout != h5d.CHUNKED:
        return dataset.id.get_offset()
    rows: list[tuple[Any, ...]] = []

    def note(info: Any) -> None:
        rows.append((*info.chunk_offset, info.byte_offset, info.size, info.filter_mask))

    dataset.id.chunk_iter(note)
    return np.array(rows, np.uint64)


def _looked_for(dataset: h5py.Dataset, beside: Path) -> Iterator[Path]:
    """Name the files that HDF5 would open to read a dataset."""
    patterns = [name for name, _, _ in dataset.external or ()]
    if dataset.is_virtual:
        patterns += [entry.file_name for entry in dataset.virtual_sources()]
    for pattern in dict.fromkeys(patterns):
        for name in _names(pattern):
            path = beside if name == "." else find_file(name, beside)
            if path is None:
                break
            yield path


def _names(pattern: str) -> Iterator[str]:
    """Name the files of a printf-style source ("scan_%b.h5"), or the one file."""
    plain = pattern.replace("%%", "\0")
    count = _MOST_BLOCKS if "%b" in plain else 1
    for number in itertools.islice(itertools.count(), count):
        yield plain.replace("%b", str(number)).replace("\0", "%")

"""Build block indexes ahead of the first slow read: what `daisy index` does.

Requirements
- Every bitshuffle dataset of a file is treated once, links that lead to other files
  or back to groups above are not followed.
- One bad file, or one bad dataset, does not keep the others from being indexed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py

from daisy_kernel.io.hdf5.chunks import BITSHUFFLE, Stored, stored
from daisy_kernel.io.hdf5.files import HALF_CHANGED, Files, is_hdf5
from daisy_kernel.io.hdf5.walk import root_place
from daisy_kernel.io.reading.block_index import WORTH_KEEPING
from daisy_kernel.model.errors import DataError
from daisy_kernel.model.text import format_bytes
from daisy_kernel.native import ReadFailure


@dataclass(frozen=True)
class Indexed:
    """What became of one dataset, or of a file that could not be opened.

    Attributes
    ----------
    kept
        The index's file; None if there is none, and `why` says the reason.
    failed
        Whether that is an error.
    """

    where: str
    kept: Path | None = None
    why: str = ""
    seconds: float = 0.0
    failed: bool = False

    def __str__(self) -> str:
        if self.kept is None:
            return f"{self.where}: no block index: {self.why}"
        took = f" ({self.seconds:.1f} s)" if self.seconds else " (was there)"
        return f"{self.where}: {self.kept}{took}"


def index(paths: Sequence[Path]) -> Iterator[Indexed]:
    """Index files, and the HDF5 files in folders; say of each dataset where it is."""
    for path in paths:
        files = list(_hdf5_files(path)) if path.is_dir() else [path]
        if not files:
            yield Indexed(str(path), why="the folder holds no HDF5 files")
        for file in files:
            yield from index_file(file)


def index_file(path: Path) -> Iterator[Indexed]:
    """Index all datasets of a file."""
    files = Files(None)
    try:
        root = h5py.Group(root_place(files, path).object)
        yield from _index_all(root, path)
    except (DataError, *HALF_CHANGED) as error:
        yield Indexed(str(path), why=str(error), failed=True)
    finally:
        files.close()


def _hdf5_files(folder: Path) -> Iterator[Path]:
    """Find HDF5 files by their first bytes; linked folders are not entered."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if not path.is_symlink() and path.is_file() and _is_hdf5(path):
                yield path


def _is_hdf5(path: Path) -> bool:
    try:
        return is_hdf5(path)
    except OSError:
        return False


def _index_all(root: h5py.Group, path: Path) -> Iterator[Indexed]:
    packed = [(n, d) for n, d in _datasets(root) if _is_bitshuffle(d)]
    if not packed:
        yield Indexed(str(path), why="no dataset in this file is packed by bitshuffle")
    for name, dataset in packed:
        where = f"{path}: {name}"
        try:
            yield _index_dataset(where, stored(dataset, path))
        except (ReadFailure, *HALF_CHANGED, TypeError) as error:
            yield Indexed(where, why=str(error.args[-1]), failed=True)


def _datasets(root: h5py.Group) -> list[tuple[str, h5py.Dataset]]:
    """List the datasets that lie in this file, each once."""
    found: list[tuple[str, h5py.Dataset]] = []

    def note(name: str, member: object) -> None:
        if isinstance(member, h5py.Dataset):
            found.append((name, member))

    root.visititems(note)
    return found


def _is_bitshuffle(dataset: h5py.Dataset) -> bool:
    properties = dataset.id.get_create_plist()
    filters = (properties.get_filter(i) for i in range(properties.get_nfilters()))
    return any(number == BITSHUFFLE for number, *_ in filters)


def _index_dataset(where: str, found: Stored) -> Indexed:
    table, blocks = found.table, found.blocks
    if table is None:
        return Indexed(where, why=found.strategy)
    if blocks is None:
        least = format_bytes(WORTH_KEEPING)
        return Indexed(where, why=f"less than {least} are walked through at once")
    if blocks.path:
        return Indexed(where, blocks.path)
    start = time.perf_counter()
    table.build_index()
    blocks.keep()
    seconds = time.perf_counter() - start
    if blocks.path is None:
        return Indexed(where, why=blocks.why_not, failed=True)
    return Indexed(where, blocks.path, seconds=seconds)

"""The table of readers, in the order in which they are asked.

A facility adds a format with an entry point in the group `daisy.readers` that leads to
a Reader. Ours look at what a file holds, and come first; then those of others; then
the detector formats, many of which are known by their suffix only.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from daisy_kernel.io.dectris import open_hdf5
from daisy_kernel.io.detector.files import is_frame_file, is_frame_folder
from daisy_kernel.io.hdf5.files import is_hdf5
from daisy_kernel.io.roots import Roots
from daisy_kernel.io.spec.files import is_spec
from daisy_kernel.io.text.athena import is_athena, read_athena
from daisy_kernel.io.text.columns import is_columns, read_columns
from daisy_kernel.io.text.scan import TextScan
from daisy_kernel.io.text.xdi import is_xdi, read_xdi
from daisy_kernel.io.tiff import TiffScan, is_tiff, tiff_files
from daisy_kernel.io.zarr.folder import is_zarr
from daisy_kernel.model.errors import OptionalPackageMissing
from daisy_kernel.model.nodes import ScanSource

GROUP = "daisy.readers"
HDF5_SUFFIXES = (".h5", ".hdf5", ".nxs", ".nx5", ".hdf", ".nexus")


@dataclass(frozen=True)
class Reader:
    """A format.

    Attributes
    ----------
    name
        Short and unique, like "zarr".
    reads
        What it reads, in the words of a message: "Zarr".
    supports
        Whether a path is of this format; looks, and never raises for a broken file.
    open
        Opens a path. The second argument are the folders that every file must lie
        in, links resolved; None allows all.
    extra
        Extra of daisy-kernel to install, where that is needed.
    """

    name: str
    reads: str
    supports: Callable[[Path], bool]
    open: Callable[[Path, Roots], ScanSource]
    extra: str = ""


class DuplicateReader(Exception):
    """Two readers have one name: uninstall one of the packages."""


def reader_for(path: Path) -> Reader | None:
    """Give the first reader that supports a path."""
    return next((reader for reader in readers() if reader.supports(path)), None)


@cache
def readers() -> tuple[Reader, ...]:
    """Give all readers; those of others are loaded at the first call."""
    return joined(_FIRST, entry_points(group=GROUP), _LAST)


def joined(
    first: Iterable[Reader], others: Iterable[EntryPoint], last: Iterable[Reader]
) -> tuple[Reader, ...]:
    """Put our readers and those of others into one table.

    One that cannot be loaded is left out with a warning.

    Raises
    ------
    DuplicateReader
        A name is taken; both owners are named.
    """
    ours = (*first, *last)
    owners = {reader.name: "daisy-kernel" for reader in ours}
    loaded = []
    for point in others:
        owner = f"{point.dist.name if point.dist else '?'} ({point.value})"
        try:
            reader: Reader = point.load()
        except Exception as error:  # their program, which must not stop ours
            warnings.warn(f"the reader of {owner} fails: {error!r}", stacklevel=2)
            continue
        if reader.name in owners:
            raise DuplicateReader(
                f"two readers are called {reader.name!r}: "
                f"that of {owners[reader.name]} and that of {owner}"
            )
        owners[reader.name] = owner
        loaded.append(reader)
    return (*first, *loaded, *last)


def readable() -> str:
    """Say what can be read, and what to install for it."""
    texts = [
        f"{r.reads} (pip install 'daisy-kernel[{r.extra}]')" if r.extra else r.reads
        for r in readers()
    ]
    return f"DAISY reads {', '.join(texts[:-1])} and {texts[-1]}"


def _is_tiff_folder(path: Path) -> bool:
    return path.is_dir() and bool(tiff_files(path))


def _is_tiff_file(path: Path) -> bool:
    return path.is_file() and is_tiff(path)


def _is_hdf5_file(path: Path) -> bool:
    named = path.suffix.lower() in HDF5_SUFFIXES
    return path.is_file() and (named or is_hdf5(path))


def _open_zarr(path: Path, roots: Roots) -> ScanSource:
    try:
        from daisy_kernel.io.zarr.scan import open_zarr
    except ModuleNotFoundError as error:
        raise OptionalPackageMissing("zarr", "zarr") from error
    return open_zarr(path, roots)


def _is_frames(path: Path) -> bool:
    return is_frame_file(path) or is_frame_folder(path)


def _open_frames(path: Path, roots: Roots) -> ScanSource:
    try:
        from daisy_kernel.io.detector.scan import open_frames
    except ModuleNotFoundError as error:
        raise OptionalPackageMissing("fabio", "formats") from error
    return open_frames(path, roots)


def _open_spec(path: Path, roots: Roots) -> ScanSource:
    try:
        from daisy_kernel.io.spec.scan import SpecScan
    except ModuleNotFoundError as error:
        raise OptionalPackageMissing("silx", "formats") from error
    return SpecScan(path)


_FIRST = (
    Reader("zarr", "Zarr", is_zarr, _open_zarr, "zarr"),
    Reader("tiff", "TIFF", _is_tiff_file, lambda path, _: TiffScan(path, folder=False)),
    Reader(
        "tiff-folder",
        "folders of TIFF files",
        _is_tiff_folder,
        lambda path, roots: TiffScan(path, folder=True, roots=roots),
    ),
    Reader("hdf5", "HDF5 and NeXus", _is_hdf5_file, open_hdf5),
    Reader("xdi", "XDI", is_xdi, lambda path, _: TextScan(path, "xdi", read_xdi)),
    Reader(
        "athena",
        "projects of Athena",
        is_athena,
        lambda path, _: TextScan(path, "athena", read_athena),
    ),
)
_LAST = (
    Reader("spec", "SPEC", is_spec, _open_spec, "formats"),
    Reader(
        "detector",
        "files and folders of EDF, CBF, MAR and other detector frames",
        _is_frames,
        _open_frames,
        "formats",
    ),
    Reader(
        "columns",
        "columns of numbers in text",
        is_columns,
        lambda path, _: TextScan(path, "columns", read_columns),
    ),
)

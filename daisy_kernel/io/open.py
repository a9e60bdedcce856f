"""Open a path as a scan, by what the file holds rather than by its name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from daisy_kernel.io.hdf5.files import is_hdf5
from daisy_kernel.io.hdf5.scan import Hdf5Scan
from daisy_kernel.io.tiff import TiffScan, is_tiff
from daisy_kernel.model import Scan
from daisy_kernel.model.errors import (
    FileDamaged,
    FileMissing,
    FormatNotSupported,
    OutsideData,
)

HDF5_SUFFIXES = (".h5", ".hdf5", ".nxs", ".nx5", ".hdf", ".nexus")


def data_folder() -> Path:
    """Folder that relative paths are looked up in: $DAISY_DATA, else ~/data."""
    return Path(os.environ.get("DAISY_DATA") or Path.home() / "data")


def open_scan(
    path: str | os.PathLike[str], roots: Iterable[str | os.PathLike[str]] | None = None
) -> Scan:
    """Open a file or folder as a scan. Nothing but names and shapes is read.

    Parameters
    ----------
    path
        HDF5 or NeXus file, TIFF file, or folder of TIFF files. A relative path
        is looked up in the working directory, then below the data folder
        ($DAISY_DATA, else ~/data).
    roots
        Folders that the scan, and every file it links to, must lie in.

    Raises
    ------
    FileMissing, FileDamaged, FormatNotSupported, OutsideData
        Each names the file and the cause.
    """
    found = locate(path)
    allowed = (
        tuple(Path(root).resolve() for root in roots) if roots is not None else None
    )
    real = found.resolve()
    if allowed is not None and not any(real.is_relative_to(root) for root in allowed):
        raise OutsideData(str(path), "this lies outside the folders that may be read")
    try:
        return Scan(_reader(found, allowed))
    except PermissionError as error:
        raise FileMissing(str(found), "permission denied") from error


def locate(path: str | os.PathLike[str]) -> Path:
    """Find the file or folder that a path names."""
    given = Path(path).expanduser()
    places = (
        [given] if given.is_absolute() else [Path.cwd() / given, data_folder() / given]
    )
    for place in places:
        try:
            if place.exists():
                return Path(os.path.abspath(place))
        except PermissionError as error:
            raise FileMissing(str(place), "permission denied") from error
    looked = " nor ".join(str(place) for place in places)
    raise FileMissing(
        str(path),
        f"there is no such file or folder: neither {looked}"
        if len(places) > 1
        else "there is no such file or folder",
    )


def _reader(path: Path, roots: tuple[Path, ...] | None) -> Hdf5Scan | TiffScan:
    if path.is_dir():
        return TiffScan(path, folder=True)
    if not path.is_file():
        raise FormatNotSupported(str(path), "this is neither a file nor a folder")
    if not path.stat().st_size:
        raise FileDamaged(str(path), "the file is empty (0 bytes)")
    if is_tiff(path):
        return TiffScan(path, folder=False)
    if is_hdf5(path) or path.suffix.lower() in HDF5_SUFFIXES:
        return Hdf5Scan(path, roots)
    raise FormatNotSupported(
        str(path), "DAISY reads HDF5, NeXus and TIFF; this file is neither"
    )

"""Open a path as a scan, by what the file holds rather than by its name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from daisy_kernel.io.readers import readable, reader_for
from daisy_kernel.io.roots import Roots, allows
from daisy_kernel.io.series import open_series
from daisy_kernel.model import Scan
from daisy_kernel.model.errors import (
    FileDamaged,
    FileMissing,
    FormatNotSupported,
    OutsideData,
)
from daisy_kernel.model.nodes import ScanSource

_DENIED = "permission denied: ask whoever owns it, or your beamline scientist"

AnyPath = str | os.PathLike[str]


def data_folder() -> Path:
    """Folder that relative paths are looked up in: $DAISY_DATA, else ~/data."""
    return Path(os.environ.get("DAISY_DATA") or Path.home() / "data")


def open_scan(
    path: AnyPath | Sequence[AnyPath], roots: Iterable[AnyPath] | None = None
) -> Scan:
    """Open a file, a folder or a series as a scan. Only names and shapes are read.

    Parameters
    ----------
    path
        HDF5 or NeXus file, TIFF file, folder of TIFF files, Zarr store, and whatever
        the packages add that are installed. A relative path is looked up in the
        working directory, then below the data folder ($DAISY_DATA, else ~/data).
        Of a list of paths, the signals are joined in the order given: along their
        first axis, or along a new one if they are images or lines.
    roots
        Folders that the scan, and every file it links to, must lie in.

    Raises
    ------
    FileMissing, FileDamaged, FormatNotSupported, OutsideData
        Each names the file and the cause.
    ShapeMismatch
        Files of a list do not fit together.
    """
    allowed = (
        tuple(Path(root).resolve() for root in roots) if roots is not None else None
    )
    if isinstance(path, str | os.PathLike):
        return Scan(_source(_inside(path, allowed), allowed))
    paths = [_inside(one, allowed) for one in path]
    return Scan(open_series(paths, allowed, _source))


def _inside(path: AnyPath, roots: Roots) -> Path:
    found = locate(path)
    if not allows(found, roots):
        raise OutsideData(str(path), "this lies outside the folders that may be read")
    return found


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
            raise FileMissing(str(place), _DENIED) from error
    looked = " nor ".join(str(place) for place in places)
    raise FileMissing(
        str(path),
        f"there is no such file or folder: neither {looked}"
        if len(places) > 1
        else "there is no such file or folder",
    )


def _source(path: Path, roots: Roots) -> ScanSource:
    try:
        return _opened(path, roots)
    except PermissionError as error:
        raise FileMissing(str(path), _DENIED) from error


def _opened(path: Path, roots: Roots) -> ScanSource:
    if not (path.is_file() or path.is_dir()):
        raise FormatNotSupported(str(path), "this is neither a file nor a folder")
    if path.is_file() and not path.stat().st_size:
        raise FileDamaged(str(path), "the file is empty (0 bytes)")
    reader = reader_for(path)
    if reader is not None:
        return reader.open(path, roots)
    what = (
        "the folder holds no TIFF files, and no others that are read as one scan"
        if path.is_dir()
        else "this file is of none of these formats"
    )
    raise FormatNotSupported(str(path), f"{what}. {readable()}.")

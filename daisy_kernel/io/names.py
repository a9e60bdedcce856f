"""What a file or folder seems to be by its name alone, for lists of many.

Nothing is opened here. What `open_scan` says in the end can differ.
"""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path

from daisy_kernel.io.detector.files import frame_suffix
from daisy_kernel.io.readers import HDF5_SUFFIXES
from daisy_kernel.io.tiff import SUFFIXES as TIFF_SUFFIXES
from daisy_kernel.io.zarr.folder import is_zarr

_SPEC = (".spec",)
# other texts are as often notes as they are numbers
_TEXTS = {".xdi": "xdi", ".xmu": "columns", ".prj": "athena"}
_DECTRIS_DATA = re.compile(r"(.+)_data_\d+\.h5")


def kind_of_file(name: str) -> str | None:
    """Give the kind of a file, like "hdf5", "tiff" or "cbf"; None for no data."""
    lower = name.lower()
    if lower.endswith(HDF5_SUFFIXES):
        return "hdf5"
    if lower.endswith(TIFF_SUFFIXES):
        return "tiff"
    if lower.endswith(_SPEC):
        return "spec"
    if lower.endswith(tuple(_TEXTS)):
        return _TEXTS[lower[lower.rindex(".") :]]
    return frame_suffix(Path(name))


def is_frame(kind: str | None) -> bool:
    """Whether files of a kind hold single frames, and a folder of them is a scan."""
    return kind not in (None, "hdf5", "spec", *_TEXTS.values())


def is_one_folder(path: Path) -> bool:
    """Whether a folder is one thing, and what is in it are no scans of their own.

    That are Zarr stores, and the parts that a virtual dataset beside them joins.
    """
    return is_zarr(path) or is_parts(path)


def is_parts(path: Path) -> bool:
    """Whether a folder holds the parts of a file beside it."""
    return path.suffix == ".parts" and path.with_suffix("").is_file()


def is_part(name: str, names: Container[str]) -> bool:
    """Whether a file is a part of another one of those that lie beside it.

    That are the data files of a Dectris master file.
    """
    found = _DECTRIS_DATA.fullmatch(name)
    return found is not None and f"{found[1]}_master.h5" in names

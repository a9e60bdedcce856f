"""What a Zarr store is as a folder: known without the zarr package."""

from __future__ import annotations

import os.path
from pathlib import Path

MARKERS = ("zarr.json", ".zgroup", ".zarray")
# of an array, in both versions of the format
METADATA = ("zarr.json", ".zarray", ".zattrs")


def is_zarr(path: Path) -> bool:
    """Whether a folder is a group or an array, or is named as if it were."""
    return os.path.isdir(path) and (path.suffix.lower() == ".zarr" or is_node(path))


def is_node(path: Path) -> bool:
    """Whether a folder holds the metadata of a group or an array.

    One that may not be read holds none: pathlib would raise an error.
    """
    markers = (*MARKERS, ".zmetadata")
    return any(os.path.isfile(path / name) for name in markers)

"""What a Zarr store is as a folder: known without the zarr package."""

from __future__ import annotations

from pathlib import Path

MARKERS = ("zarr.json", ".zgroup", ".zarray")


def is_zarr(path: Path) -> bool:
    """Whether a folder is a group or an array, or is named as if it were."""
    return path.is_dir() and (path.suffix.lower() == ".zarr" or is_node(path))


def is_node(path: Path) -> bool:
    """Whether a folder holds the metadata of a group or an array."""
    return any((path / name).is_file() for name in (*MARKERS, ".zmetadata"))

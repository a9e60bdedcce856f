"""The files of a TIFF scan: which, and in which order."""

from __future__ import annotations

from pathlib import Path

from daisy_kernel.io.folder import in_order

SUFFIXES = (".tif", ".tiff")
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def is_tiff(path: Path) -> bool:
    """Look at the first four bytes."""
    with path.open("rb") as file:
        return file.read(4) in _MAGIC


def tiff_files(folder: Path) -> list[Path]:
    """List the TIFF files of a folder in natural order."""
    return in_order(folder, lambda path: path.suffix.lower() in SUFFIXES)

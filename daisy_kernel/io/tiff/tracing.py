"""What identifies frames in TIFF files: their tags, strips, sizes and times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tifffile

from daisy_kernel.io.tracing import apart_from_place, digest, stamp
from daisy_kernel.model.errors import FileDamaged, FileMissing
from daisy_kernel.model.nodes import Trace

# offsets and sizes of strips, and of tiles
_PLACES = (273, 279, 324, 325)


def trace(paths: list[Path]) -> Trace:
    """Look at the tags of the first file, and at size and time of all.

    A file of many pages is looked at whole. In a folder the first file says how
    frames are packed; that the others agree is found out when they are read.
    """
    files = tuple(stamp(path) for path in paths)
    header, places = _tags(paths[0])
    return Trace(
        files, digest(len(files), header), digest(places, apart_from_place(files))
    )


def _tags(path: Path) -> tuple[list[Any], list[Any]]:
    """Give the tags of all pages: what they say, and where the pixels are."""
    header: list[Any] = []
    places: list[Any] = []
    try:
        with tifffile.TiffFile(path) as tiff:
            for page in tiff.pages:
                for tag in getattr(page, "tags", ()):
                    to = places if tag.code in _PLACES else header
                    to.append((int(tag.code), int(tag.dtype), tag.count, tag.value))
    except FileNotFoundError as error:
        raise FileMissing(str(path), "the file is gone") from error
    except Exception as error:  # a cut header can raise anything
        raise FileDamaged(str(path), f"the TIFF header is broken: {error}") from error
    return header, places

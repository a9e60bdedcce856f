"""How a TIFF page lies in its file, as tifffile finds it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from daisy_kernel.io.tiff.files import is_tiff
from daisy_kernel.model.errors import (
    FileDamaged,
    FileMissing,
    FormatNotSupported,
)

_PACKINGS = {
    1: "tiff-none", 5: "tiff-lzw", 8: "tiff-deflate", 32946: "tiff-deflate",
    50000: "tiff-zstd", 32773: "tiff-packbits",
}  # fmt: skip
_NO_PREDICTOR, _HORIZONTAL, _FLOATING = 1, 2, 3
_STRIP_OFFSETS, _STRIP_COUNTS = (273, 324), (279, 325)


@dataclass(frozen=True)
class Packing:
    """What all frames of a scan have in common.

    Attributes
    ----------
    shape
        Of a frame: (row, column), or (row, column, sample).
    chunk
        Shape of a strip or tile.
    filter
        For the core: name, and predictor, samples per pixel, byte order to be
        swapped. None where the core does not know it: then `why` says so.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    compression: str
    chunk: tuple[int, ...]
    padded: bool
    filter: tuple[str, tuple[int, int, int]] | None
    why: str = ""

    @property
    def is_packed(self) -> bool:
        """Whether a strip has to be decoded: compression, predictor or byte order."""
        if self.filter is None:
            return True
        name, (predictor, _, swap) = self.filter
        return name != "tiff-none" or predictor != _NO_PREDICTOR or bool(swap)


@dataclass(frozen=True)
class Frame:
    """Where one frame is: strips or tiles, in reading order."""

    path: Path
    size: int
    modified_ns: int
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    page: int = 0


@dataclass(frozen=True)
class Header:
    """Bytes by which another file is known to be laid out just like this one."""

    size: int
    pieces: tuple[tuple[int, bytes], ...] = field(repr=False)

    def matches(self, descriptor: int, size: int) -> bool:
        """Whether an open file has the same header."""
        return size == self.size and all(
            os.pread(descriptor, len(expected), at) == expected
            for at, expected in self.pieces
        )


def look(path: Path) -> tuple[Packing, list[Frame], Header | None]:
    """Parse the directory of a file: what its like pages are, and where.

    Raises
    ------
    FileDamaged, FormatNotSupported
        The file is named, with the cause.
    """
    status = _status(path)
    if not status.st_size:
        raise FileDamaged(str(path), "the file is empty (0 bytes)")
    if not is_tiff(path):
        raise FormatNotSupported(str(path), "this is no TIFF file (no TIFF signature)")
    try:
        with tifffile.TiffFile(path) as tiff:
            first: Any = tiff.pages[0]
            packing = _packing(tiff, first, path)
            frames = _frames(tiff, first, packing, path, status)
            header = _header(tiff, first, packing, status.st_size)
    except FormatNotSupported:
        raise
    except Exception as error:  # a cut header can raise anything
        raise FileDamaged(str(path), f"the TIFF header is broken: {error}") from error
    if not packing.shape or 0 in packing.shape:
        shape = packing.shape
        raise FileDamaged(str(path), f"the TIFF header gives an image of shape {shape}")
    return packing, frames, header


def frame_like(path: Path, first: Frame, header: Header | None) -> Frame | None:
    """Give the frame of a file whose header equals that of the first file."""
    if header is None:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise FileMissing(str(path), f"cannot be opened: {error.strerror}") from error
    try:
        status = os.fstat(descriptor)
        if not header.matches(descriptor, status.st_size):
            return None
    finally:
        os.close(descriptor)
    size, time = status.st_size, status.st_mtime_ns
    return Frame(path, size, time, first.offsets, first.counts)


def _status(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise FileMissing(str(path), "the file is gone") from error


def _packing(tiff: tifffile.TiffFile, page: Any, path: Path) -> Packing:
    if page.dtype is None:
        raise FormatNotSupported(str(path), "numpy has no type for its pixels")
    name = page.compression.name.lower()
    shape, dtype = tuple(int(n) for n in page.shape), np.dtype(page.dtype)
    swap = int(tiff.byteorder != {"little": "<", "big": ">"}[sys.byteorder])
    samples = int(page.samplesperpixel)
    chunk, padded = _chunk(page, shape)
    why = _why_not(page, dtype, shape, samples)
    predictor = int(page.predictor)
    packed = _PACKINGS.get(int(page.compression))
    known = (packed, (predictor, samples, swap)) if packed and not why else None
    compression = "" if name == "none" else name
    return Packing(
        shape, dtype.newbyteorder("="), compression, chunk, padded, known, why
    )


def _why_not(
    page: Any, dtype: np.dtype[Any], shape: tuple[int, ...], samples: int
) -> str:
    """Say what the core does not know about a page."""
    if int(page.compression) not in _PACKINGS:
        return f"{page.compression.name.lower()} compression"
    if page.bitspersample != dtype.itemsize * 8 or dtype.kind not in "uif":
        return f"{page.bitspersample} bits per sample"
    if int(page.predictor) not in (_NO_PREDICTOR, _HORIZONTAL, _FLOATING):
        return f"predictor {page.predictor}"
    if samples > 1 and (int(page.planarconfig) != 1 or shape[-1] != samples):
        return "samples in planes of their own"
    if int(page.fillorder) != 1 or page.imagedepth != 1:
        return "an unusual order of bits or planes"
    if len(shape) != 2 + (samples > 1):
        return f"a page of shape {shape}"
    return ""


def _chunk(page: Any, shape: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
    """Shape of strips or tiles; strips at the end are cut, tiles are padded."""
    if page.is_tiled:
        return (int(page.tilelength), int(page.tilewidth), *shape[2:]), True
    if _is_one_piece(page):
        return shape, False
    return (min(int(page.rowsperstrip), shape[0]), *shape[1:]), False


def _is_one_piece(page: Any) -> bool:
    """Whether uncompressed strips follow each other without gaps."""
    return bool(page.is_contiguous) and int(page.compression) == 1 and not page.is_tiled


def _frames(
    tiff: tifffile.TiffFile,
    first: Any,
    packing: Packing,
    path: Path,
    status: os.stat_result,
) -> list[Frame]:
    size, time = status.st_size, status.st_mtime_ns

    def frame(number: int, offsets: Sequence[int], counts: Sequence[int]) -> Frame:
        where = tuple(map(int, offsets)), tuple(map(int, counts))
        return Frame(path, size, time, *where, page=number)

    nbytes = packing.dtype.itemsize * int(np.prod(packing.shape))
    series: Any = tiff.series[0]
    count = series.size // max(1, first.size)
    if len(tiff.pages) == 1 and count > 1 and series.dataoffset is not None:
        # one directory for a whole stack: how ImageJ writes more than 4 GB
        starts = [series.dataoffset + i * nbytes for i in range(count)]
        return [frame(i, [start], [nbytes]) for i, start in enumerate(starts)]
    found = []
    for number, page in enumerate(tiff.pages):
        kind: Any = page
        if tuple(kind.shape) != tuple(first.shape) or kind.dtype != first.dtype:
            continue
        if _is_one_piece(kind):
            found.append(frame(number, kind.dataoffsets[:1], [nbytes]))
        else:
            found.append(frame(number, kind.dataoffsets, kind.databytecounts))
    return found


def _header(
    tiff: tifffile.TiffFile, page: Any, packing: Packing, size: int
) -> Header | None:
    """Give the bytes that say where the pixels are, if they do not depend on them."""
    if packing.compression or packing.filter is None or len(tiff.pages) != 1:
        return None
    pieces = [(0, 16 if tiff.is_bigtiff else 8)]
    entries = 2 + 12 * len(page.tags) + 4
    if tiff.is_bigtiff:
        entries = 8 + 20 * len(page.tags) + 8
    pieces.append((int(page.offset), entries))
    for code in (*_STRIP_OFFSETS, *_STRIP_COUNTS):
        tag = page.tags.get(code)
        if tag is not None:
            pieces.append((int(tag.valueoffset), int(tag.valuebytecount)))
    handle: Any = tiff.filehandle
    descriptor = handle.fileno()
    read = [(at, os.pread(descriptor, length, at)) for at, length in pieces]
    return Header(size, tuple(read))

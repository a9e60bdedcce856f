"""TIFF: one file with one or more pages, or a folder with a page per file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from daisy_kernel.io.reading import explain, plan
from daisy_kernel.model import Child, Page, Problem, Selection
from daisy_kernel.model.errors import (
    FieldNotFound,
    FileDamaged,
    FileMissing,
    FormatNotSupported,
    ShapeMismatch,
)
from daisy_kernel.model.nodes import Array, Layout
from daisy_kernel.model.text import describe_array

SUFFIXES = (".tif", ".tiff")
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# so many odd files are opened to compare shapes before the folder is believed
_MOST_CHECKED = 200


def is_tiff(path: Path) -> bool:
    """Look at the first four bytes."""
    with path.open("rb") as file:
        return file.read(4) in _MAGIC


def natural(name: str) -> list[Any]:
    """Sort key that puts frame_10 behind frame_9."""
    return [int(p) if p.isdigit() else p.lower() for p in re.split(r"(\d+)", name)]


def tiff_files(folder: Path) -> list[Path]:
    """List the TIFF files of a folder in natural order."""
    found = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES]
    shown = [p for p in found if not p.name.startswith(".")]
    return sorted(shown, key=lambda path: natural(path.name))


class TiffArray:
    """Implements ArraySource: frames along the first axis, read one by one."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, folder: bool) -> None:
        self.path, self.file = "data", str(path)
        self._folder = folder
        self._paths = tiff_files(path) if folder else [path]
        if not self._paths:
            raise FormatNotSupported(str(path), "the folder holds no TIFF files")
        frame, self.dtype, pages, compression = _look(self._paths[0])
        if folder:
            _check_sizes(self._paths, frame, self.dtype)
        count = len(self._paths) if folder else pages
        self.shape: tuple[int, ...] = (count, *frame) if folder or pages > 1 else frame
        self._frames_first = folder or pages > 1
        self.axes: tuple[str | None, ...] = (None,) * len(self.shape)
        self.attrs: Mapping[str, Any] = {}
        stored = sum(p.stat().st_size for p in self._paths)
        chunks = (1, *frame) if self._frames_first else frame
        self.layout = Layout(chunks, compression, stored)

    def __reduce__(self) -> tuple[Any, ...]:
        return TiffArray, (Path(self.file), self._folder)

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the dataset are absent."""
        return ()

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        return explain(made, self.layout.filters, "tifffile")

    def read(self, selection: Selection, out: Array | None) -> Array:
        """Read frame by frame."""
        forward = selection.forward
        buffer = np.empty(selection.full_shape, self.dtype) if out is None else out
        if not selection.size:
            return buffer
        if not self._frames_first:
            buffer[...] = self._frame(self._paths[0], None)[forward]
            return buffer
        wanted = range(forward[0].start, forward[0].stop, forward[0].step)
        for at, number in enumerate(wanted):
            path = self._paths[number] if self._folder else self._paths[0]
            frame = self._frame(path, None if self._folder else number)
            buffer[at] = frame[forward[1:]]
        return buffer

    def _frame(self, path: Path, page: int | None) -> Array:
        expected = self.shape[1:] if self._frames_first else self.shape
        try:
            frame = np.asarray(tifffile.imread(path, key=page or 0))
        except FileNotFoundError as error:
            raise FileMissing(str(path), "the file is gone") from error
        except Exception as error:  # tifffile raises whatever its decoders raise
            raise FileDamaged(str(path), f"cannot be read: {error}") from error
        if frame.shape != expected or frame.dtype != self.dtype:
            raise _differs(path, frame.shape, frame.dtype, expected, self.dtype)
        return frame


class TiffGroup:
    """The one-member tree of a TIFF scan."""

    path = ""

    def __init__(self, array: TiffArray) -> None:
        self.file, self._array = array.file, array
        self.attrs: Mapping[str, Any] = {}

    def children(self, offset: int, limit: int, filter: str) -> Page[Child]:
        """List a part of the members."""
        detail = describe_array(self._array.shape, self._array.dtype)
        every = (Child("data", "data", "dataset", detail),)
        found = tuple(child for child in every if filter.lower() in child.name)
        return Page(found[offset : offset + limit], len(found), offset)

    def get(self, path: str) -> TiffArray | TiffGroup:
        """Open a member."""
        name = path.strip("/")
        if name in ("", "."):
            return self
        if name != "data":
            raise FieldNotFound(self.file, name, ["data"])
        return self._array


class TiffScan:
    """Implements ScanSource for a TIFF file or a folder of them."""

    def __init__(self, path: Path, folder: bool) -> None:
        self.path = str(path)
        self.format = "tiff-folder" if folder else "tiff"
        self._array = TiffArray(path, folder)
        self.root = TiffGroup(self._array)

    def signals(self) -> tuple[TiffArray, ...]:
        """Give the frames."""
        return (self._array,)

    def notes(self) -> tuple[str, ...]:
        """Say what should be known about the choice of the signal."""
        return ()

    def missing(self) -> tuple[Problem, ...]:
        """List links and virtual sources without target."""
        return ()

    def close(self) -> None:
        """Files are opened for each read, so there is nothing to close."""


def _look(path: Path) -> tuple[tuple[int, ...], np.dtype[Any], int, tuple[str, ...]]:
    """Give frame shape, type, number of like pages, and compression."""
    if not path.stat().st_size:
        raise FileDamaged(str(path), "the file is empty (0 bytes)")
    if not is_tiff(path):
        raise FormatNotSupported(str(path), "this is no TIFF file (no TIFF signature)")
    try:
        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages[0]
            pages = sum(1 for p in tiff.pages if p.shape == page.shape)
            name = page.compression.name.lower()
            shape, dtype = tuple(page.shape), page.dtype
    except Exception as error:  # a cut header can raise anything
        raise FileDamaged(str(path), f"the TIFF header is broken: {error}") from error
    if dtype is None:
        raise FormatNotSupported(str(path), "numpy has no type for its pixels")
    if not shape or 0 in shape:
        raise FileDamaged(str(path), f"the TIFF header gives an image of shape {shape}")
    return shape, np.dtype(dtype), pages, () if name == "none" else (name,)


def _check_sizes(
    paths: list[Path], frame: tuple[int, ...], dtype: np.dtype[Any]
) -> None:
    """Compare the frames whose files differ in size; like files need no look."""
    first = paths[0].stat().st_size
    odd = [path for path in paths if path.stat().st_size != first]
    for path in odd[:_MOST_CHECKED]:
        shape, kind, _, _ = _look(path)
        if shape != frame or kind != dtype:
            raise _differs(path, shape, kind, frame, dtype)


def _differs(
    path: Path,
    shape: tuple[int, ...],
    kind: np.dtype[Any],
    frame: tuple[int, ...],
    dtype: np.dtype[Any],
) -> ShapeMismatch:
    has, first = describe_array(shape, kind), describe_array(frame, dtype)
    return ShapeMismatch(
        str(path),
        f"this frame is {has}, the first one of the folder is {first}. "
        "Frames of one size make a scan: move the others to a folder of their own.",
    )

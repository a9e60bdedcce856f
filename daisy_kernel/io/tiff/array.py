"""Frames in TIFF files: read by the compiled core, else by tifffile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from daisy_kernel.io.folder import series_notes
from daisy_kernel.io.reading import (
    Bands,
    Chunked,
    Part,
    Readable,
    explain,
    explain_parts,
    plan,
    read_parts,
    reduce_parts,
    stamp_of,
    stamps_now,
    unfilled,
)
from daisy_kernel.io.roots import Roots, allows
from daisy_kernel.io.tiff.files import tiff_files
from daisy_kernel.io.tiff.pages import Frame, Packing, frame_like, look
from daisy_kernel.io.tiff.scaling import scaling_of
from daisy_kernel.io.tiff.tracing import trace
from daisy_kernel.model import Selection
from daisy_kernel.model.errors import (
    FileDamaged,
    FileMissing,
    FormatNotSupported,
    OutsideData,
    ShapeMismatch,
)
from daisy_kernel.model.nodes import Array, Layout, Trace
from daisy_kernel.model.reduction import Reduction
from daisy_kernel.model.selection import Positions, Steps
from daisy_kernel.model.text import describe_array
from daisy_kernel.native import ChunkTable, chunk_table

# so many odd files are opened to compare shapes before the folder is believed
_MOST_CHECKED = 200


class TiffArray:
    """Implements ArraySource: frames along the first axis."""

    def __init__(self, path: Path, folder: bool, roots: Roots = None) -> None:
        self.path, self.file = "data", str(path)
        self._folder, self._roots = folder, roots
        self._bands = Bands()
        self._look()
        self.attrs: Mapping[str, Any] = scaling_of(self._paths[0])

    def __reduce__(self) -> tuple[Any, ...]:
        return TiffArray, (Path(self.file), self._folder, self._roots)

    def _look(self) -> None:
        path = Path(self.file)
        self._paths = tiff_files(path) if self._folder else [path]
        if not self._paths:
            raise FormatNotSupported(self.file, "the folder holds no TIFF files")
        self._refuse_outside()
        self._packing, pages, self._header = look(self._paths[0])
        self._first = pages[0]
        self._frames: dict[int, Frame] = dict(enumerate(pages[:1]))
        if not self._folder:
            self._frames = dict(enumerate(pages))
        self._table: tuple[tuple[int, ...], ChunkTable] | None = None
        frame, self.dtype = self._packing.shape, self._packing.dtype
        count = len(self._paths) if self._folder else len(pages)
        self._frames_first = self._folder or count > 1
        self.shape: tuple[int, ...] = (count, *frame) if self._frames_first else frame
        self.axes: tuple[str | None, ...] = (None,) * len(self.shape)
        self.notes = series_notes(self._paths) if self._folder else ()
        self._stamps = [stamp_of(path.stat()) for path in self._paths]
        if self._folder:
            self._check_odd_sizes()

    def _refuse_outside(self) -> None:
        """Refuse files that a link of the folder leads to, outside the roots."""
        for path in self._paths if self._roots is not None else ():
            if path.is_symlink() and not allows(path, self._roots):
                raise OutsideData(
                    str(path), "a link leads out of the folders that may be read"
                )

    @property
    def layout(self) -> Layout:
        """One frame at a time, whatever the strips are."""
        frame, compression = self._packing.shape, self._packing.compression
        chunks = (1, *frame) if self._frames_first else frame
        filters = (compression,) if compression else ()
        return Layout(chunks, filters, sum(size for _, size, _ in self._stamps))

    @property
    def written(self) -> int:
        """Frames without those at the end that are still being written."""
        count = self.shape[0]
        while self._folder and count > 1:
            try:
                last = self._frame(count - 1)
            except (FileDamaged, FileMissing, FormatNotSupported, ShapeMismatch):
                count -= 1
                continue
            ends = (o + c for o, c in zip(last.offsets, last.counts, strict=True))
            if max(ends, default=0) <= last.size:
                break
            count -= 1
        return count

    def refresh(self) -> None:
        """List the folder, or the pages, again."""
        self._bands.forget()
        self._look()

    def files(self) -> tuple[str, ...]:
        """Name what changes when frames come: the folder, and its last file."""
        last = str(self._paths[-1])
        return (self.file, last) if self._folder else (last,)

    def trace(self) -> Trace:
        """List the folder again, and give what identifies its frames."""
        path = Path(self.file)
        paths = tiff_files(path) if self._folder and path.is_dir() else [path]
        return trace(paths or [path])

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the dataset are absent."""
        return ()

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        out = unfilled(selection, self.dtype)
        parts = self._parts(selection.axes, out) if selection.size else []
        if parts:
            return explain_parts(parts, selection, self._words())
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        return f"{explain(made, self.layout.filters, 'tifffile')}; {self._packing.why}"

    def read(self, selection: Selection, out: Array) -> Array:
        """Read by strips and tiles, or frame by frame."""
        if not selection.size:
            return out
        if whole := self._whole():
            stamp = partial(stamps_now, self._paths)
            chunked = Chunked(self.shape, whole, self.dtype.itemsize, stamp)
            self._bands.read(selection, out, chunked, self._read_all)
        else:
            self._read_all(selection, out)
        return out

    def readable(self) -> Readable | None:
        """Give what the core needs; None where it does not know the packing."""
        if self._packing.filter is None:
            return None
        stamps = dict(zip(self._paths, self._stamps, strict=True))
        return Readable(self._parts, stamps, self._whole())

    def reduce(
        self, reduction: Reduction, results: Mapping[str, Array], held: int | None
    ) -> bool:
        """Reduce by the compiled core; False if it does not know how to."""
        parts = partial(self._parts, reduction.selection.axes)
        return reduce_parts(parts, reduction, results, self.file, held=held)

    def _whole(self) -> tuple[int, ...] | None:
        """Give the shape of strips or tiles that are packed."""
        if not self._packing.is_packed:
            return None
        first = (1,) if self._frames_first else ()
        return (*first, *self._packing.chunk)

    def _read_all(self, selection: Selection, out: Array) -> None:
        if parts := self._parts(selection.axes, out):
            read_parts(parts, self.file)
        else:
            self._read_frames(selection, out)

    def _parts(self, axes: Sequence[Positions], out: Array) -> list[Part]:
        """Give what the core has to read; nothing if it does not know how."""
        if not self._frames_first:
            axes, out = [Steps(0, 1, 1), *axes], out[np.newaxis]
        numbers = _numbers(axes[0])
        if len(numbers) * 2 > len(self._paths) or not self._folder:
            numbers = tuple(range(self.shape[0] if self._frames_first else 1))
        else:
            axes = [Steps(0, len(numbers), 1), *axes[1:]]
        table = self._table_of(numbers)
        return [Part(table, axes, out, "", self._words())] if table else []

    def _words(self) -> str:
        kind = self._packing.compression or "uncompressed"
        return f"TIFF, {kind}, pieces of {self._packing.chunk}"

    def _table_of(self, numbers: tuple[int, ...]) -> ChunkTable | None:
        """Make the table of some frames, or give that of the last read again."""
        if self._table is None or self._table[0] != numbers:
            frames = [self._frame(number) for number in numbers]
            if self._packing.filter is None:
                return None
            self._table = numbers, _table(frames, self._packing)
        return self._table[1]

    def _frame(self, number: int) -> Frame:
        if number not in self._frames:
            path = self._paths[number]
            found = frame_like(path, self._first, self._header)
            if found is None:
                packing, pages, _ = look(path)
                self._check_like(path, packing)
                found = pages[0]
            self._frames[number] = found
        return self._frames[number]

    def _check_like(self, path: Path, packing: Packing) -> None:
        first = self._packing
        if packing.shape != first.shape or packing.dtype != first.dtype:
            raise _differs(path, packing.shape, packing.dtype, first)
        if (packing.chunk, packing.filter) != (first.chunk, first.filter):
            why = "frames that are packed in different ways"
            self._packing = replace(first, filter=None, why=why)

    def _read_frames(self, selection: Selection, out: Array) -> None:
        if not self._frames_first:
            out[...] = self._by_tifffile(0)[selection.forward][selection.picked]
            return
        inside = (selection.forward[1:], selection.picked[1:])
        for at, number in enumerate(_numbers(selection.axes[0])):
            out[at] = self._by_tifffile(number)[inside[0]][inside[1]]

    def _by_tifffile(self, number: int) -> Array:
        path = self._paths[number] if self._folder else self._paths[0]
        page = 0 if self._folder else self._frames[number].page
        try:
            frame = np.asarray(tifffile.imread(path, key=page, maxworkers=1))
        except FileNotFoundError as error:
            raise FileMissing(str(path), "the file is gone") from error
        except Exception as error:  # tifffile raises whatever its decoders raise
            raise FileDamaged(str(path), f"cannot be read: {error}") from error
        if frame.shape != self._packing.shape or frame.dtype != self.dtype:
            expected = self._packing
            raise _differs(path, frame.shape, frame.dtype, expected)
        return frame

    def _check_odd_sizes(self) -> None:
        """Compare frames whose files differ in size; like files need no look."""
        sizes = [size for _, size, _ in self._stamps]
        odd = [number for number, size in enumerate(sizes) if size != sizes[0]]
        for number in odd[:_MOST_CHECKED]:
            self._frame(number)


def _numbers(positions: Positions) -> tuple[int, ...]:
    if isinstance(positions, Steps):
        start, count, step = positions
        return tuple(range(start, start + count * step, step))
    return tuple(positions)


def _table(frames: list[Frame], packing: Packing) -> ChunkTable:
    """Make one table of the strips of many files."""
    if packing.filter is None:
        raise ValueError("the core does not know this packing")
    per_frame = [
        -(-size // c) for size, c in zip(packing.shape, packing.chunk, strict=True)
    ]
    pieces = int(np.prod(per_frame))
    for frame in frames:
        if len(frame.offsets) != pieces or len(frame.counts) != pieces:
            raise FileDamaged(
                str(frame.path),
                f"the TIFF header lists {len(frame.offsets)} pieces, not {pieces}",
            )
    files = {frame.path: (frame.path, 0, frame.size, frame.modified_ns)
             for frame in frames}  # fmt: skip
    numbers = {path: number for number, path in enumerate(files)}
    return chunk_table(
        list(files.values()),
        (len(frames), *packing.shape),
        (1, *packing.chunk),
        packing.dtype,
        np.arange(len(frames) * pieces),
        np.array([frame.offsets for frame in frames]).reshape(-1),
        np.array([frame.counts for frame in frames]).reshape(-1),
        filters=[packing.filter] if packing.is_packed else [],
        padded=packing.padded,
        file_numbers=np.repeat([numbers[f.path] for f in frames], pieces),
    )


def _differs(
    path: Path, shape: tuple[int, ...], kind: np.dtype[Any], first: Packing
) -> ShapeMismatch:
    has = describe_array(shape, kind)
    wanted = describe_array(first.shape, first.dtype)
    return ShapeMismatch(
        str(path),
        f"this frame is {has}, the first one of the folder is {wanted}. "
        "Frames of one size make a scan: move the others to a folder of their own.",
    )

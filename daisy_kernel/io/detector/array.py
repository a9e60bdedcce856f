"""Detector frames as one array: of a file, or of all files of a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.detector.files import frame_files
from daisy_kernel.io.detector.frames import FrameFile, attributes
from daisy_kernel.io.folder import series_notes
from daisy_kernel.io.reading import explain, plan
from daisy_kernel.io.roots import Roots, allows
from daisy_kernel.io.single import NAME
from daisy_kernel.io.tracing import apart_from_place, digest, first_bytes, stamp
from daisy_kernel.model import Selection
from daisy_kernel.model.errors import OutsideData, ShapeMismatch
from daisy_kernel.model.nodes import Array, Layout, Trace
from daisy_kernel.model.text import describe_array


class DetectorArray:
    """Implements ArraySource: frames along the first axis, read one by one."""

    def __init__(self, path: Path, folder: bool, roots: Roots = None) -> None:
        self.path, self.file = NAME, str(path)
        self._folder, self._roots = folder, roots
        self.refresh()

    def __reduce__(self) -> tuple[Any, ...]:
        return DetectorArray, (Path(self.file), self._folder, self._roots)

    def refresh(self) -> None:
        """Look at the files: how many frames, of which shape, with which header."""
        path = Path(self.file)
        self._paths, left_out = frame_files(path) if self._folder else ([path], ())
        self.notes: tuple[str, ...] = (*left_out, *series_notes(self._paths))
        self._refuse_outside()
        with closing(FrameFile(self._paths[0])) as first:
            frame, count = first.frame(0), first.count
            self.attrs: Mapping[str, Any] = attributes(first.header, frame.dtype)
        self.dtype: np.dtype[Any] = frame.dtype
        self._frames_first = self._folder or count > 1
        count = len(self._paths) if self._folder else count
        self.shape = (count, *frame.shape) if self._frames_first else frame.shape
        self.axes: tuple[str | None, ...] = (None,) * len(self.shape)
        stored = sum(path.stat().st_size for path in self._paths)
        chunks = (1, *frame.shape) if self._frames_first else frame.shape
        self.layout = Layout(chunks, (), stored)

    @property
    def written(self) -> int:
        """Positions of the first axis."""
        return int(self.shape[0])

    def trace(self) -> Trace:
        """List the folder again; how a frame lies in its file only fabio knows."""
        path = Path(self.file)
        paths = frame_files(path)[0] if self._folder and path.is_dir() else [path]
        files = tuple(stamp(path) for path in paths or [path])
        header = digest(len(files), first_bytes(files[0][0]), self.attrs)
        return Trace(files, header, digest(apart_from_place(files)))

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the dataset are absent."""
        return ()

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        return explain(made, (), "fabio")

    def read(self, selection: Selection, out: Array) -> Array:
        """Read frame by frame."""
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        with self._frames() as frames:
            for piece in made.pieces:
                if not self._frames_first:
                    out[piece.target] = frames.get(0)[piece.source]
                    continue
                numbers, rows = piece.source[0], piece.target[0]
                wanted = range(numbers.start, numbers.stop, numbers.step)
                for number, row in zip(
                    wanted, range(rows.start, rows.stop), strict=True
                ):
                    part = frames.get(number)[piece.source[1:]]
                    out[row][piece.target[1:]] = part
        return out

    @contextmanager
    def _frames(self) -> Iterator[_Frames]:
        frames = _Frames(self._paths, self._folder, self._check)
        try:
            yield frames
        finally:
            frames.close()

    def _check(self, path: Path, frame: Array) -> None:
        expected = self.shape[1:] if self._frames_first else self.shape
        if frame.shape == expected and frame.dtype == self.dtype:
            return
        has = describe_array(frame.shape, frame.dtype)
        raise ShapeMismatch(
            str(path),
            f"this frame is {has}, the first one is "
            f"{describe_array(expected, self.dtype)}. Frames of one size make a scan: "
            "move the others to a folder of their own.",
        )

    def _refuse_outside(self) -> None:
        for path in self._paths:
            if path.is_symlink() and not allows(path, self._roots):
                raise OutsideData(
                    str(path), "a link leads out of the folders that may be read"
                )


class _Frames:
    """The files of one read; the last one stays open."""

    def __init__(self, paths: list[Path], folder: bool, check: Any) -> None:
        self._paths, self._folder, self._check = paths, folder, check
        self._open: FrameFile | None = None
        self._last: tuple[int, Array] | None = None

    def get(self, number: int) -> Array:
        """Decode a frame, unless it is the one that was just asked for."""
        if self._last is None or self._last[0] != number:
            path = self._paths[number if self._folder else 0]
            frame = self._file(path).frame(0 if self._folder else number)
            self._check(path, frame)
            self._last = number, frame
        return self._last[1]

    def close(self) -> None:
        """Close the file that is open."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _file(self, path: Path) -> FrameFile:
        if self._open is None or self._open.path != path:
            self.close()
            self._open = FrameFile(path)
        return self._open

"""Write an array block by block, from as many processes as there are."""

from __future__ import annotations

import math
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.blocks.layout import ABSENT, METADATA, BlockLayout, read_layout
from daisy_kernel.io.writing.publishing import refused
from daisy_kernel.model.errors import ShapeMismatch
from daisy_kernel.model.nodes import Array


@dataclass(frozen=True)
class BlockFolder:
    """A folder that blocks are written to; travels to the workers."""

    path: Path
    layout: BlockLayout

    @classmethod
    def create(cls, path: Path, layout: BlockLayout) -> BlockFolder:
        """Make the folder; blocks of an array that was laid out the same are kept.

        Raises
        ------
        WriteFailed
            The disk is full, for example.
        """
        text = layout.to_json()
        with refused(path):
            if path.is_dir() and _text(path / METADATA) != text:
                shutil.rmtree(path)
            path.mkdir(parents=True, exist_ok=True)
            if _text(path / METADATA) != text:
                _put(path / METADATA, [text.encode()])
        return cls(path, layout)

    @classmethod
    def open(cls, path: Path) -> BlockFolder:
        """Open a folder that is there."""
        return cls(path, read_layout(path))

    def has(self, number: int) -> bool:
        """Whether a block is finished."""
        try:
            size = (self.path / self.layout.name(number)).stat().st_size
        except OSError:
            return False
        # a file of another size was left by a machine that went down
        return size == self.layout.file_bytes(number)

    def finished(self) -> Iterator[int]:
        """Give the numbers of the blocks that are finished."""
        return (n for n in range(self.layout.count) if self.has(n))

    @property
    def is_whole(self) -> bool:
        """Whether all blocks are finished."""
        return all(self.has(number) for number in range(self.layout.count))

    def write(self, number: int, block: Array) -> int:
        """Write a block, in the place of none or of the same one; gives its bytes.

        Raises
        ------
        ShapeMismatch, WriteFailed
            Nothing is left then.
        """
        layout = self.layout
        wanted = layout.block_shape(number)
        if block.shape != wanted:
            raise ShapeMismatch(
                f"{self.path}, block {number}", f"it is {block.shape}, not {wanted}"
            )
        file = self.path / layout.name(number)
        parts = [_bytes(self._in_pieces(number, block))]
        if layout.shape:
            parts.append(_bytes(self._index(number)))
        with refused(self.path, f"block {number}"):
            file.parent.mkdir(parents=True, exist_ok=True)
            _put(file, parts)
        return layout.file_bytes(number)

    def read(self, number: int) -> Array:
        """Read a block that was written in one piece.

        Raises
        ------
        ShapeMismatch
            It lies in several pieces: read it as an array.
        """
        layout = self.layout
        shape = layout.block_shape(number)
        if shape != layout.piece:
            raise ShapeMismatch(f"{self.path}, block {number}", "it has many pieces")
        count = math.prod(shape)
        file = self.path / layout.name(number)
        found: Array = np.fromfile(file, layout.dtype.newbyteorder("<"), count)
        return found.astype(layout.dtype, copy=False).reshape(shape)

    def _in_pieces(self, number: int, block: Array) -> Array:
        """Order the numbers by pieces; those at the edges are filled up."""
        layout = self.layout
        grid = layout.grid(number)
        whole = tuple(g * p for g, p in zip(grid, layout.piece, strict=True))
        native = np.asarray(block, layout.dtype.newbyteorder("<"))
        if whole != block.shape:
            wide = np.zeros(whole, native.dtype)
            wide[tuple(map(slice, block.shape))] = native
            native = wide
        split = [size for pair in zip(grid, layout.piece, strict=True) for size in pair]
        axes = range(len(split))
        order = (*axes[::2], *axes[1::2])
        return np.ascontiguousarray(native.reshape(split).transpose(order))

    def _index(self, number: int) -> Array:
        """Say where each piece of a block lies; absent ones are beyond the edge."""
        layout = self.layout
        slots = [s // p for s, p in zip(layout.shard, layout.piece, strict=True)]
        index = np.full((*slots, 2), ABSENT, "<u8")
        grid = layout.grid(number)
        count = int(np.prod(grid))
        at = np.arange(count, dtype="<u8").reshape(grid) * layout.piece_bytes
        there: tuple[Any, ...] = tuple(map(slice, grid))
        index[(*there, 0)] = at
        index[(*there, 1)] = layout.piece_bytes
        return index

    def remove(self) -> None:
        """Delete all of it."""
        shutil.rmtree(self.path, ignore_errors=True)


def _bytes(array: Array) -> Any:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _put(file: Path, parts: list[Any]) -> None:
    """Write a file under another name, then give it its own."""
    temporary = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with open(temporary, "xb", buffering=0) as opened:
            for part in parts:
                _write_all(opened, memoryview(part))
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


def _write_all(file: Any, data: memoryview) -> None:
    while len(data):
        data = data[file.write(data) :]


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None

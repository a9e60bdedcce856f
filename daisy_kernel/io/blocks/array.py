"""Read an array that was written in blocks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.blocks.folder import BlockFolder
from daisy_kernel.io.blocks.layout import read_layout
from daisy_kernel.io.reading import (
    Part,
    Readable,
    explain_parts,
    read_parts,
    reduce_parts,
    stamp_of,
    unfilled,
)
from daisy_kernel.model import Dataset, Selection
from daisy_kernel.model.errors import FileMissing
from daisy_kernel.model.nodes import Array, Layout
from daisy_kernel.model.reduction import Reduction
from daisy_kernel.model.selection import Positions
from daisy_kernel.native import ChunkTable, chunk_table


class BlockArray:
    """Implements ArraySource for a folder of blocks, all of which are there."""

    notes: tuple[str, ...] = ()

    def __init__(self, folder: Path, path: str = "") -> None:
        self.file, self.path = str(folder), path
        self._folder = BlockFolder(folder, read_layout(folder))
        layout = self._folder.layout
        self.shape, self.dtype = layout.shape, layout.dtype
        names = layout.names or ("",) * len(layout.shape)
        self.axes: tuple[str | None, ...] = tuple(name or None for name in names)

    def __reduce__(self) -> tuple[Any, ...]:
        return BlockArray, (Path(self.file), self.path)

    @property
    def layout(self) -> Layout:
        """Pieces, which are stored as they are."""
        return Layout(self._folder.layout.piece or None, (), self._stored_bytes)

    @property
    def _stored_bytes(self) -> int:
        layout = self._folder.layout
        return sum(layout.file_bytes(number) for number in range(layout.count))

    @property
    def attrs(self) -> Mapping[str, Any]:
        """What was said of it when it was made."""
        return self._folder.layout.attributes

    @property
    def written(self) -> int:
        """Positions of the first axis: it is whole when it is opened."""
        return self.shape[0] if self.shape else 1

    def refresh(self) -> None:
        """Do nothing: what is whole stays as it is."""

    def missing_sources(self) -> tuple[str, ...]:
        """Say that there are no other files behind it."""
        return ()

    def files(self) -> tuple[str, ...]:
        """Name the folder."""
        return (self.file,)

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        if not self.shape:
            return "one number"
        out = unfilled(selection, self.dtype)
        return explain_parts(self._parts(selection.axes, out), selection, self._words)

    def read(self, selection: Selection, out: Array) -> Array:
        """Read pieces, or parts of them."""
        if not self.shape:
            out[...] = self._number()
        elif selection.size:
            read_parts(self._parts(selection.axes, out), self.file)
        return out

    def readable(self) -> Readable | None:
        """Give what the core needs."""
        return Readable(self._parts, {}) if self.shape else None

    def reduce(
        self, reduction: Reduction, results: Mapping[str, Array], held: int | None
    ) -> bool:
        """Reduce by the compiled core."""
        if not self.shape:
            return False
        parts = partial(self._parts, reduction.selection.axes)
        return reduce_parts(parts, reduction, results, self.file, held=held)

    def _number(self) -> Any:
        file = Path(self.file) / self._folder.layout.name(0)
        return np.frombuffer(file.read_bytes(), self.dtype.newbyteorder("<"))[0]

    @property
    def _words(self) -> str:
        layout = self._folder.layout
        return f"{layout.count} blocks along axis {layout.along}"

    def _parts(self, axes: Sequence[Positions], out: Array) -> list[Part]:
        return [Part(self._table, axes, out, self.path, self._words)]

    @cached_property
    def _table(self) -> ChunkTable:
        layout = self._folder.layout
        grid = [-(-n // p) for n, p in zip(layout.shape, layout.piece, strict=True)]
        every = np.arange(math.prod(grid)).reshape(grid)
        per_block = layout.block // layout.piece[layout.along]
        cells, offsets, numbers = [], [], []
        for number in range(layout.count):
            place = [slice(None)] * len(grid)
            place[layout.along] = slice(number * per_block, (number + 1) * per_block)
            found = every[tuple(place)].ravel()
            cells.append(found)
            offsets.append(np.arange(len(found)) * layout.piece_bytes)
            numbers.append(np.full(len(found), number))
        cell = np.concatenate(cells)
        return chunk_table(
            [self._file(number) for number in range(layout.count)],
            layout.shape,
            layout.piece,
            layout.dtype,
            cell,
            np.concatenate(offsets),
            np.full(len(cell), layout.piece_bytes),
            file_numbers=np.concatenate(numbers),
        )

    def _file(self, number: int) -> tuple[Path, int, int, int]:
        file = Path(self.file) / self._folder.layout.name(number)
        try:
            return file, *stamp_of(file.stat())
        except FileNotFoundError as error:
            raise FileMissing(
                self.file, f"block {number} is not there: the run did not finish"
            ) from error


def open_blocks(folder: Path) -> Dataset:
    """Open an array that was written in blocks.

    Raises
    ------
    FileMissing, FileDamaged
    """
    return Dataset(BlockArray(folder))

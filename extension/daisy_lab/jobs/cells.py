"""Cells of a picture: the mean of so many pixels each way, on a grid from the first.

A cell at the end of an axis that is not whole is drawn, but is in no file.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.model.errors import ParameterRefused

MOST = 64
BINS = tuple(2**n for n in range(MOST.bit_length()))

Box = tuple[int, int, int, int]  # first row, end, first column, end
Selection = tuple[int | slice, ...]
Array = npt.NDArray[Any]


def check(size: int) -> int:
    """Give back the size of a cell.

    Raises
    ------
    ValueError
        It is none of those that can be drawn.
    """
    if size not in BINS:
        raise ValueError(f"bin is one of {', '.join(map(str, BINS))}, not {size}")
    return size


def around(box: Box | None, shape: tuple[int, int], size: int) -> Box:
    """Give the cells that a part of a frame touches, in pixels."""
    (rows, columns), part = shape, box or (0, shape[0], 0, shape[1])
    top, left = part[0] // size * size, part[2] // size * size
    end, right = -(-part[1] // size) * size, -(-part[3] // size) * size
    return top, min(end, rows), left, min(right, columns)


def count(box: Box, size: int) -> tuple[int, int]:
    """Say how many rows and columns of cells a box has."""
    return -(-(box[1] - box[0]) // size), -(-(box[3] - box[2]) // size)


@dataclass(frozen=True)
class Cells:
    """A part of a dataset of which two axes are taken in cells.

    Parameters
    ----------
    size
        Pixels of a cell each way.
    axes
        The axes of rows and of columns.
    selection
        For each axis; in cells along *axes*, where each is a slice.
    """

    size: int
    axes: tuple[int, int]
    selection: Selection

    @classmethod
    def of(cls, selection: Selection, shape: tuple[int, ...], size: int) -> "Cells":
        """Take the last two axes of a part in cells, all that it touches.

        Raises
        ------
        ParameterRefused
            The part is no picture, or too small for one cell.
        """
        free = [a for a, part in enumerate(selection) if isinstance(part, slice)]
        if len(free) < 2:  # noqa: PLR2004
            raise ParameterRefused("a line has no cells: bin is for pictures")
        axes = (free[-2], free[-1])
        parts = list(selection)
        for axis in axes:
            part: Any = selection[axis]
            end = min(-(-part.stop // size), shape[axis] // size)
            if part.start // size >= end:
                raise ParameterRefused(
                    f"{part.start}:{part.stop} of {shape[axis]} pixels "
                    f"has no whole cell of {size}"
                )
            parts[axis] = slice(part.start // size, end)
        return cls(size, axes, tuple(parts))

    def piece(self, selection: Selection) -> "Cells":
        """Give a part of these cells; a single row or column stays an axis."""
        parts = list(selection)
        for axis in self.axes:
            part = parts[axis]
            if isinstance(part, int):
                parts[axis] = slice(part, part + 1)
        return replace(self, selection=tuple(parts))

    @property
    def pixels(self) -> Selection:
        """The selection of their pixels."""
        parts = list(self.selection)
        for axis in self.axes:
            part: Any = parts[axis]
            parts[axis] = slice(part.start * self.size, part.stop * self.size)
        return tuple(parts)

    def means(self, pixels: Array) -> Array:
        """Bin what was read of the pixels; shape (..., row, column) of both."""
        *leading, rows, columns = pixels.shape
        blocks = pixels.reshape(
            *leading, rows // self.size, self.size, columns // self.size, self.size
        )
        means: Array = blocks.mean(axis=(-3, -1), dtype=_sums(pixels.dtype))
        return means.astype(dtype_of(pixels.dtype))


def dtype_of(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the type of a mean: 32 bits where they hold every single value."""
    return np.result_type(dtype.newbyteorder("="), np.float32)


def _sums(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.result_type(dtype.newbyteorder("="), np.float64)

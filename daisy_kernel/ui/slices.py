"""Slices of an array or dataset as pictures: one is read at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from daisy_kernel.model import Dataset
from daisy_kernel.model.errors import NothingToShow
from daisy_kernel.model.volume import Volume
from daisy_kernel.native import Tile, tile

_FRAME = 2  # axes of a picture


class Slices:
    """Pictures along the first axes of some data.

    Parameters
    ----------
    data
        Array, Volume or Dataset with at least two axes; the last two are the
        picture.
    """

    def __init__(self, data: Any) -> None:
        self.data = data if isinstance(data, Dataset | Volume) else np.asarray(data)
        self.name = _name(data)
        self.shape = tuple(self.data.shape)
        if len(self.shape) < _FRAME:
            raise NothingToShow(
                self.name,
                f"view() shows pictures, this has shape {self.shape}. "
                "Draw a curve with hvplot, or read it as an array.",
            )
        if 0 in self.shape:
            raise NothingToShow(self.name, f"there are no frames: shape {self.shape}")
        self.count = math.prod(self.shape[:-_FRAME])

    @property
    def units(self) -> str:
        """Unit of the values, empty if not known."""
        return str(getattr(self.data, "units", None) or "")

    def read(self, number: int) -> Any:
        """Read one picture, shape (row, column)."""
        where = np.unravel_index(number, self.shape[:-_FRAME]) if self.count > 1 else ()
        first = (0,) * (len(self.shape) - _FRAME)
        index = tuple(int(i) for i in where) or first
        return self.data[index] if index else self.data[...]

    def tile(self, number: int, lo: float | None, hi: float | None, size: int) -> Tile:
        """Make an 8-bit picture of at most so many rows and columns."""
        invalid = getattr(self.data, "invalid", None) or None
        try:
            return tile(
                self.read(number), max_shape=(size, size), lo=lo, hi=hi, invalid=invalid
            )
        except TypeError as error:
            raise NothingToShow(self.name, str(error)) from error


def _name(data: Any) -> str:
    if isinstance(data, Dataset):
        return f"{data.file}: {data.path}"
    return str(getattr(data, "source", "")) or "array"

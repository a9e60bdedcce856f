"""A frame made small and 8-bit for a screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from daisy_kernel.native._arrays import plain_dtype
from daisy_kernel.native._core import tile_frame

Scale = Literal["linear", "log", "sqrt"]
Box = tuple[int, int, int, int]
_DEEPEST = 30
_KNOWN = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")


@dataclass(frozen=True)
class Tile:
    """An 8-bit picture of a frame.

    Attributes
    ----------
    data
        Codes, shape (row, column): 0 is a pixel without data, 1 is *lo*, 255 is
        *hi*, in the steps of *scale*. Where pixels are *saturated*, 255 is a cell
        that holds one of them, and 254 is *hi*.
    lo, hi
        Ends of the contrast, in the units of the frame.
    level
        Pixels were binned by 2**level in both directions.
    box
        First row, end of rows, first column, end of columns, in the frame.
    shape
        Shape of the frame.
    bad, hot
        Pixels of the box without data; pixels above *hi*, which binning may hide.
    saturated
        Pixels of the box with too many counts.
    minimum, maximum
        Range of the binned values; NaN without any.
    histogram
        How often each of the 256 codes occurs.
    preview
        The same, binned more; None unless it was asked for.
    """

    data: npt.NDArray[np.uint8]
    lo: float
    hi: float
    level: int
    box: Box
    shape: tuple[int, int]
    bad: int
    hot: int
    minimum: float
    maximum: float
    scale: Scale
    saturated: int = 0
    preview: Tile | None = None

    @property
    def histogram(self) -> npt.NDArray[np.int64]:
        """Counts of the codes, shape (256,)."""
        return np.bincount(self.data.reshape(-1), minlength=256)


def tile(
    frame: npt.ArrayLike,
    *,
    max_shape: tuple[int, int] = (512, 512),
    level: int | None = None,
    box: Box | None = None,
    lo: float | None = None,
    hi: float | None = None,
    scale: Scale = "linear",
    invalid: Any = None,
    saturated_from: float | None = None,
    preview: tuple[int, int] | None = None,
) -> Tile:
    """Bin a frame to the screen, choose a contrast, and code it in 8 bits.

    Left out of means and contrast, and coded 0: NaN and infinity, 2**32 - 1 (u32)
    and 2**64 - 1 (u64), -1 and -2 of signed integers wider than 8 bits if the
    frame holds nothing below -2, and what *invalid* says.

    Parameters
    ----------
    frame
        Shape (row, column), any numeric type; of complex numbers the magnitude.
    max_shape
        Most rows and columns of the tile; decides *level* unless that is given.
    level
        Bin by 2**level.
    box
        Part of the frame: first row, end, first column, end.
    lo, hi
        Contrast; the 0.5 and 99.5 percent points if not given.
    scale
        How values between *lo* and *hi* become codes.
    invalid
        Boolean mask of the frame's shape, or values that are no data.
    saturated_from
        The smallest value that is too many counts, in the units of the frame.
    preview
        Most rows and columns of a smaller picture, which costs next to nothing.

    Raises
    ------
    TypeError, ValueError
        The frame has no numbers, or not two axes, or no pixels.
    """
    array = np.asanyarray(frame)
    if array.ndim != 2:  # noqa: PLR2004
        raise ValueError(f"a tile needs a frame with 2 axes, got shape {array.shape}")
    shape = (int(array.shape[0]), int(array.shape[1]))
    r0, r1, c0, c1 = cut = _clip(box, shape)
    part = _native(array[r0:r1, c0:c1])
    if not part.size:
        raise ValueError(f"no pixels in box {cut} of a frame of shape {shape}")
    mask, fill = _invalid(invalid, array.shape, cut)
    chosen = fit_level((r1 - r0, c1 - c0), max_shape) if level is None else level
    smaller = None
    if preview is not None:
        smaller = max(fit_level((r1 - r0, c1 - c0), preview), chosen)
    picture, small, (lo, hi), (low, high), (bad, hot, saturated) = tile_frame(
        part,
        part.dtype.str[1:],
        chosen,
        smaller,
        lo,
        hi,
        scale,
        mask,
        fill,
        saturated_from,
    )
    low, high = (low, high) if low <= high else (float("nan"), float("nan"))
    codes = _codes(picture)
    made = Tile(
        codes, lo, hi, chosen, cut, shape, bad, hot, low, high, scale, saturated
    )
    if small is None or smaller is None:
        return made
    return replace(made, preview=replace(made, data=_codes(small), level=smaller))


def _codes(picture: tuple[bytes, tuple[int, int]]) -> npt.NDArray[np.uint8]:
    codes, shape = picture
    return np.frombuffer(codes, np.uint8).reshape(shape)


def fit_level(shape: tuple[int, int], max_shape: tuple[int, int]) -> int:
    """Smallest level at which a frame fits into *max_shape*."""
    level = 0
    while any(-(-n >> level) > m for n, m in zip(shape, max_shape, strict=True)):
        if level > _DEEPEST:
            raise ValueError(f"max_shape is {max_shape}, it needs positive numbers")
        level += 1
    return level


def _clip(box: Box | None, shape: tuple[int, int]) -> Box:
    if box is None:
        return (0, shape[0], 0, shape[1])
    r0, r1, c0, c1 = box
    rows, columns = shape
    return max(0, r0), min(rows, r1), max(0, c0), min(columns, c1)


def _native(part: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give an array that the core knows; only exotic types are copied."""
    dtype = part.dtype
    if dtype.kind not in "biufc":
        raise TypeError(f"a tile needs numbers, the frame holds {dtype}")
    if dtype.kind == "c":
        part = np.abs(part)
    elif dtype.kind == "b":
        part = part.astype(np.uint8)
    elif dtype == np.float16:
        part = part.astype(np.float32)
    part = part.astype(part.dtype.newbyteorder("="), copy=False)
    if part.dtype.str[1:] not in _KNOWN:  # long double
        part = part.astype(np.float64)
    # rows must be contiguous, and aligned: a field of a compound may be neither
    dense = part.strides[1] == part.itemsize and part.strides[0] >= part.strides[1]
    if not (dense and part.strides[0] % part.itemsize == 0 and part.flags.aligned):
        part = np.ascontiguousarray(part)
    return plain_dtype(part)


def _invalid(
    invalid: Any, shape: tuple[int, ...], box: Box
) -> tuple[npt.NDArray[np.uint8] | None, list[float]]:
    if invalid is None:
        return None, []
    values = np.asarray(invalid)
    if values.dtype != bool:
        return None, [float(value) for value in values.reshape(-1)]
    if values.shape != shape:
        raise ValueError(f"the mask has shape {values.shape}, the frame {shape}")
    r0, r1, c0, c1 = box
    return np.ascontiguousarray(values[r0:r1, c0:c1]).view(np.uint8), []

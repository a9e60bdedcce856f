"""Which pixels of a picture a drawn shape covers, and the values along a line.

Coordinates are those of a picture: pixel 0 reaches from 0 to 1, its centre is at 0.5.
A pixel belongs to a shape if its centre lies inside; of two shapes that share an edge,
it belongs to one. Painted pixels are runs, one piece of a row each: their points are
two corners of every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["line", "rectangle", "ellipse", "polygon", "pixels"]
KINDS: tuple[Kind, ...] = ("line", "rectangle", "ellipse", "polygon", "pixels")

Points = npt.NDArray[np.float64]  # shape (point, 2): row, column
Box = tuple[slice, slice]
Mask = npt.NDArray[np.bool_]

ENDS = 2  # of a line; corners of a rectangle and of the box of an ellipse
FEWEST_CORNERS = 3
MOST_CORNERS = 1000
MOST_RUNS = 5000
WIDEST = 1001
ENOUGH = 0.5  # weight of good pixels, below which there is no value between them


def check(kind: str, points: Points, width: int) -> None:
    """Refuse a shape that means nothing.

    Raises
    ------
    ValueError
        It says what is wanted and what was given.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    if kind == "pixels":
        _check_runs(points)
    else:
        _check_corners(kind, len(points))
    if not np.isfinite(points).all():
        raise ValueError("the points of a region are finite numbers")
    if not 1 <= width <= WIDEST:
        raise ValueError(f"width is 1 to {WIDEST} pixels, not {width}")


def _check_corners(kind: str, count: int) -> None:
    wanted = f"at least {FEWEST_CORNERS}" if kind == "polygon" else str(ENDS)
    fits = count >= FEWEST_CORNERS if kind == "polygon" else count == ENDS
    if not fits or count > MOST_CORNERS:
        raise ValueError(f"a {kind} needs {wanted} points, got {count}")


def _check_runs(points: Points) -> None:
    if not 0 < len(points) <= ENDS * MOST_RUNS or len(points) % ENDS:
        raise ValueError(
            f"pixels need two points for each run, of at most {MOST_RUNS} runs; "
            f"got {len(points)} points"
        )
    first, end = points[::2], points[1::2]
    with np.errstate(invalid="ignore"):
        fits = (end[:, 0] == first[:, 0] + 1) & (end[:, 1] > first[:, 1])
    if not fits.all() or (points != np.rint(points)).any():
        raise ValueError("a run of pixels is a piece of one row, in whole numbers")


def mask(
    kind: Kind,
    points: Sequence[Sequence[float]] | Points,
    shape: tuple[int, int],
    width: int = 1,
) -> Mask:
    """Tell which pixels of a frame lie in a shape.

    Parameters
    ----------
    kind
        line, rectangle, ellipse, polygon or pixels.
    points
        Row and column of the ends of a line, of two corners of a rectangle or of the
        box of an ellipse, of all corners of a polygon (where it crosses itself, what
        is wound around an odd number of times is inside); of painted pixels, of two
        corners of each run.
    shape
        Rows and columns of the frame.
    width
        Of a line, in pixels.

    Returns
    -------
    :
        Boolean, of *shape*: `frame[mask(...)]` are the values in the shape.

    Raises
    ------
    ValueError
        The points are not those of such a shape.
    """
    corners = np.asarray(points, np.float64).reshape(-1, 2)
    check(kind, corners, width)
    found: Mask = np.zeros(shape, np.bool_)
    box, inside = covered(kind, corners, width, shape)
    found[box] = inside
    return found


def covered(
    kind: Kind, points: Points, width: int, shape: tuple[int, int]
) -> tuple[Box, Mask]:
    """Tell which pixels of a frame lie in a shape.

    Parameters
    ----------
    points
        Ends of a line, two corners of a rectangle or of the box of an ellipse, all
        corners of a polygon; of painted pixels, two corners of each run.
    width
        Of a line, in pixels.
    shape
        Of the frame.

    Returns
    -------
    :
        The rows and columns around the shape, and which of their pixels are in it.
    """
    if kind == "line":
        points = _strip(points, width)
    rows, columns = (_around(points[:, i], shape[i]) for i in range(2))
    down = np.arange(rows.start, rows.stop) + 0.5
    across = np.arange(columns.start, columns.stop) + 0.5
    if kind == "rectangle":
        mask = np.logical_and.outer(
            _between(down, points[:, 0]), _between(across, points[:, 1])
        )
    elif kind == "ellipse":
        mask = _in_ellipse(down, across, points)
    elif kind == "pixels":
        mask = _in_runs(rows, columns, points)
    else:
        mask = _in_polygon(down, across, points)
    return (rows, columns), mask


def _around(values: npt.NDArray[np.float64], length: int) -> slice:
    first = int(np.clip(np.floor(values.min()), 0, length))
    return slice(first, int(np.clip(np.ceil(values.max()), first, length)))


def _between(centres: Any, ends: Any) -> Any:
    return (centres >= ends.min()) & (centres < ends.max())


def _in_ellipse(down: Any, across: Any, points: Points) -> Mask:
    middle, radius = points.mean(axis=0), np.abs(np.diff(points, axis=0))[0] / 2
    if not radius.all():
        return np.zeros((len(down), len(across)), np.bool_)
    high = ((down - middle[0]) / radius[0]) ** 2
    wide = ((across - middle[1]) / radius[1]) ** 2
    inside: Mask = np.add.outer(high, wide) <= 1
    return inside


def _in_runs(rows: slice, columns: slice, points: Points) -> Mask:
    mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.bool_)
    for (row, first), (_, end) in points.astype(np.int64).reshape(-1, ENDS, 2):
        if rows.start <= row < rows.stop:
            start = max(first - columns.start, 0)
            mask[row - rows.start, start : max(end - columns.start, 0)] = True
    return mask


def _in_polygon(down: Any, across: Any, points: Points) -> Mask:
    """Count the edges to the left of each centre: an odd number is inside."""
    odd = np.zeros((len(down), len(across)), np.bool_)
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        low, high = (start, end) if start[0] <= end[0] else (end, start)
        crossed = np.flatnonzero((down >= low[0]) & (down < high[0]))
        if not crossed.size:
            continue
        slope = (high[1] - low[1]) / (high[0] - low[0])
        edge = low[1] + (down[crossed] - low[0]) * slope
        odd[crossed] ^= across >= edge[:, None]
    return odd


def _strip(points: Points, width: int) -> Points:
    """Give the corners of a line of some width."""
    start, end = points
    along = end - start
    length = float(np.hypot(*along))
    if not length:
        return np.stack([start, start, start])
    across = np.array([-along[1], along[0]]) / length * width / 2
    return np.stack([start - across, end - across, end + across, start + across])


def profile(
    frame: npt.NDArray[Any],
    points: Sequence[Sequence[float]] | Points,
    width: int = 1,
    good: Mask | None = None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Read values along a line, at steps of at most one pixel.

    Between pixels the values are interpolated linearly, then averaged across the
    width. What is not good is left out of both.

    Parameters
    ----------
    frame
        Values, shape (row, column).
    points
        Row and column of start and end.
    width
        In pixels.
    good
        Which values are data; all of them if None.

    Returns
    -------
    :
        Distances from the start in pixels, and values; NaN where there are none.
    """
    start, end = np.asarray(points, np.float64)
    if good is None:
        good = np.ones(frame.shape, np.bool_)
    along = end - start
    length = float(np.hypot(*along))
    steps = np.linspace(0, 1, int(np.ceil(length)) + 1)
    unit = along / length if length else np.array([0.0, 1.0])
    offsets = np.arange(width) - (width - 1) / 2
    rows = start[0] + np.multiply.outer(steps, [along[0]]) - offsets * unit[1]
    columns = start[1] + np.multiply.outer(steps, [along[1]]) + offsets * unit[0]
    values = _interpolated(frame, good, rows - 0.5, columns - 0.5)
    there = ~np.isnan(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0).sum(axis=1)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return steps * length, mean


def _interpolated(frame: Any, good: Mask, rows: Any, columns: Any) -> Any:
    """Give values between pixels; NaN outside, and where most weight is not data."""
    top, left = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    total, weight = np.zeros(rows.shape), np.zeros(rows.shape)
    for down in (0, 1):
        for across in (0, 1):
            r, c = top + down, left + across
            share = (1 - np.abs(rows - r)) * (1 - np.abs(columns - c))
            inside = (r >= 0) & (c >= 0) & (r < frame.shape[0]) & (c < frame.shape[1])
            r, c = np.where(inside, r, 0), np.where(inside, c, 0)
            share = np.where(inside & good[r, c], share, 0)
            total += share * np.where(share > 0, frame[r, c], 0)
            weight += share
    known = weight >= ENOUGH
    return np.where(known, total / np.where(known, weight, 1), np.nan)

"""Filtered back projection of parallel rays."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from daisy_kernel.native._arrays import plain_dtype
from daisy_kernel.native._core import fbp_into

Filter = Literal["ramlak", "shepp-logan", "cosine", "hamming", "hann"]
FILTERS: tuple[Filter, ...] = ("ramlak", "shepp-logan", "cosine", "hamming", "hann")
# a gap so many times wider than the usual step is a missing wedge, not a step
_WEDGE = 4.0
_SAME = 1e-9  # radians; rounding of degrees to radians is far below


def fbp(
    sinograms: npt.ArrayLike,
    angles: npt.ArrayLike,
    axis: float,
    *,
    filter: Filter = "ramlak",
    size: int | None = None,
    weights: npt.ArrayLike | None = None,
) -> npt.NDArray[np.float32]:
    """Reconstruct slices from sinograms.

    Conventions: at angle t a point (x, y) falls on column
    ``axis + x cos t + y sin t``; pixel centres are at integers, and the axis is in
    the middle of a slice, at ``(size - 1) / 2`` in x and in y. Pixels that are not
    seen at every angle are 0.

    Parameters
    ----------
    sinograms
        Line integrals, shape (row, angle, column), no unit.
    angles
        Rotation angles, radians, shape (angle,), in any order.
    axis
        Column of the rotation axis.
    filter
        Window on the ramp; "ramlak" is none.
    size
        Pixels of a slice in x and y; the number of columns by default.
    weights
        Part of the half circle each projection stands for, radians; found from
        the angles by default.

    Returns
    -------
    :
        Slices, shape (row, y, x), float32, in 1/pixel.

    References
    ----------
    Kak and Slaney, Principles of Computerized Tomographic Imaging, eq. 3.61.
    """
    data = plain_dtype(np.ascontiguousarray(sinograms, np.float32))
    theta = np.asarray(angles, np.float64).reshape(-1)
    if data.ndim != len(("row", "angle", "column")) or data.shape[1] != len(theta):
        raise ValueError(
            f"sinograms have shape {data.shape}, angles {theta.shape}: "
            "they must be (row, angle, column) and (angle,)"
        )
    if not np.isfinite(axis) or not np.isfinite(theta).all():
        raise ValueError("axis and angles must be finite numbers")
    if filter not in FILTERS:
        raise ValueError(f"filter is {filter!r}; there are {', '.join(FILTERS)}")
    part = angle_weights(theta) if weights is None else np.asarray(weights, float)
    n = data.shape[2] if size is None else size
    out = np.zeros((data.shape[0], n, n), np.float32)
    fbp_into(data, theta.tolist(), part.tolist(), float(axis), filter, out)
    return out


def angle_weights(angles: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Share the half circle among projections.

    A projection stands for half the way to its neighbours on the half circle, so
    an end point counted twice (0 and 180 degrees), repeated projections, uneven
    steps and more than a half turn come out right. What lies in a missing wedge
    is not given to its borders.

    Parameters
    ----------
    angles
        Radians, shape (angle,).
    """
    theta = np.mod(np.asarray(angles, np.float64).reshape(-1), np.pi)
    if len(theta) < 2:  # noqa: PLR2004
        return np.full(len(theta), np.pi)
    # 180 degrees less a rounding error is 0
    theta[theta > np.pi - _SAME] = 0.0
    order = np.argsort(theta, kind="stable")
    steps = np.diff(theta[order], append=theta[order[0]] + np.pi)
    usual = np.median(steps[steps > _SAME]) if (steps > _SAME).any() else np.pi
    steps = np.where(steps > _WEDGE * usual, usual, steps)
    weights = np.empty_like(theta)
    weights[order] = (steps + np.roll(steps, 1)) / 2
    return weights

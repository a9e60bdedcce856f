"""A phantom of ellipsoids: known in space, and known in every projection.

Conventions, the same as in `daisy_kernel.apps.tomography`: at angle t a point
(x, y) falls on column `axis + x cos t + y sin t`; z is the detector row. The
object has no mirror symmetry, so a wrong sense of rotation is seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Ellipsoid:
    """Centre and half axes in parts of the half width; phi in degrees; density."""

    density: float
    centre: tuple[float, float, float]  # x, y, z
    axes: tuple[float, float, float]
    phi: float = 0.0


# a tooth-like body with a few marks, none of them opposite to another
TOOTH = (
    Ellipsoid(1.0, (0.03, -0.02, 0.0), (0.62, 0.80, 1.6), 12),
    Ellipsoid(-0.35, (0.05, -0.05, 0.0), (0.52, 0.68, 1.4), 12),
    Ellipsoid(0.5, (-0.20, 0.30, 0.05), (0.20, 0.12, 0.30), 35),
    Ellipsoid(-0.45, (0.22, 0.18, -0.05), (0.10, 0.24, 0.35), -20),
    Ellipsoid(0.8, (0.28, -0.35, 0.0), (0.07, 0.07, 0.45)),
    Ellipsoid(0.9, (0.10, -0.45, 0.15), (0.05, 0.05, 0.12)),
    Ellipsoid(-0.5, (-0.28, -0.25, -0.1), (0.14, 0.06, 0.25), 60),
    Ellipsoid(0.6, (-0.05, 0.02, 0.0), (0.03, 0.16, 0.5), 75),
    Ellipsoid(1.2, (-0.36, 0.05, 0.1), (0.03, 0.03, 0.08)),
    Ellipsoid(1.2, (0.40, 0.10, -0.12), (0.025, 0.025, 0.06)),
)


def project(
    angles: npt.ArrayLike,
    rows: int,
    columns: int,
    axis: float,
    parts: tuple[Ellipsoid, ...] = TOOTH,
    half_width: float | None = None,
) -> Floats:
    """Integrate the phantom along parallel rays.

    Parameters
    ----------
    angles
        Rotation angles, degrees, shape (angle,).
    rows, columns
        Detector size.
    axis
        Column of the rotation axis; pixel centres are at integers.
    half_width
        Columns that 1.0 of the phantom spans; half the detector less the
        offset of the axis by default, so that nothing is cut off.

    Returns
    -------
    :
        Line integrals, shape (angle, row, column), in density times columns.
    """
    scale = half_width or fitting_half_width(columns, axis)
    s = (np.arange(columns, dtype=np.float32) - np.float32(axis)) / scale
    z = _heights(rows, scale)
    theta = np.atleast_1d(np.deg2rad(np.asarray(angles, float)))
    result = np.zeros((len(theta), rows, columns), np.float32)
    for frame, t in zip(result, theta, strict=True):
        for part in parts:
            _add_projection(frame, part, float(t), s, z)
    result *= np.float32(scale)
    return result


def voxels(
    rows: int,
    size: int,
    half_width: float,
    parts: tuple[Ellipsoid, ...] = TOOTH,
) -> Floats:
    """Sample the phantom, shape (z, y, x), the axis at (size - 1) / 2 in x and y."""
    grid = (np.arange(size, dtype=np.float32) - (size - 1) / 2) / half_width
    x, y = grid[None, None, :], grid[None, :, None]
    z = _heights(rows, half_width)[:, None, None]
    volume = np.zeros((rows, size, size), np.float32)
    for part in parts:
        c, s = np.cos(np.deg2rad(part.phi)), np.sin(np.deg2rad(part.phi))
        u, v = x - part.centre[0], y - part.centre[1]
        along, across = (c * u + s * v) / part.axes[0], (c * v - s * u) / part.axes[1]
        height = (z - part.centre[2]) / part.axes[2]
        volume[along**2 + across**2 + height**2 <= 1] += part.density
    return volume


def fitting_half_width(columns: int, axis: float) -> float:
    """Columns that fit on both sides of the axis."""
    return min(axis, columns - 1 - axis)


def _heights(rows: int, scale: float) -> Floats:
    return ((np.arange(rows) - (rows - 1) / 2) / scale).astype(np.float32)


def _add_projection(
    frame: Floats, part: Ellipsoid, t: float, s: Floats, z: Floats
) -> None:
    """Add 2 d a b sqrt(w^2 k(z) - (s - s0)^2) / w^2, an ellipse per row."""
    a, b, c = part.axes
    turn = t - np.deg2rad(part.phi)
    w2 = np.float32((a * np.cos(turn)) ** 2 + (b * np.sin(turn)) ** 2)
    s0 = np.float32(part.centre[0] * np.cos(t) + part.centre[1] * np.sin(t))
    r = np.flatnonzero(np.abs(z - part.centre[2]) < c)
    k = np.flatnonzero(np.abs(s - s0) < np.sqrt(w2))
    if not len(r) or not len(k):
        return
    box = np.s_[r[0] : r[-1] + 1, k[0] : k[-1] + 1]
    height = 1 - ((z[box[0]] - np.float32(part.centre[2])) / np.float32(c)) ** 2
    inside = (w2 * height)[:, None] - ((s[box[1]] - s0) ** 2)[None, :]
    np.maximum(inside, 0, out=inside)
    np.sqrt(inside, out=inside)
    frame[box] += np.float32(2 * part.density * a * b / w2) * inside

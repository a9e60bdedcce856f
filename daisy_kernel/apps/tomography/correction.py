"""From counts to line integrals: pure functions on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

# a pixel with so little signal in the flats, in parts of the usual, says nothing
_DEAD = 0.05


def normalize(
    projections: npt.NDArray[Any],
    flat_before: Frames,
    dark_field: Frames,
    *,
    flat_after: Frames | None = None,
    time: npt.ArrayLike | None = None,
    floor: float = 1e-4,
) -> tuple[Frames, int]:
    """Correct projections for beam profile and dark current.

    Parameters
    ----------
    projections
        Raw frames, shape (angle, row, column), any numeric type, counts. They
        are converted before anything is subtracted: counts are unsigned.
    flat_before, flat_after, dark_field
        Mean frames, shape (row, column), counts. With flats after the scan, the
        flat of each projection is interpolated in time.
    time
        When each projection was taken, 0 at the flats before and 1 at those
        after, shape (angle,).
    floor
        Smallest transmission kept, so that the logarithm is finite.

    Returns
    -------
    :
        Transmission, shape of *projections*, and how many pixels were floored.
    """
    result = np.array(projections, np.float32)
    result -= dark_field
    beam = flat_before - dark_field
    if flat_after is None or time is None:
        result /= _nonzero(beam)
    else:
        drift = flat_after - flat_before
        for frame, t in zip(result, np.asarray(time, np.float32), strict=True):
            np.divide(frame, _nonzero(beam + t * drift), out=frame)
    low = ~(result > floor)  # NaN counts as low
    result[low] = floor
    return result, int(np.count_nonzero(low))


def minus_log(transmission: Frames) -> Frames:
    """Turn transmission into line integrals of attenuation, in place of a copy.

    Parameters
    ----------
    transmission
        Positive, any shape.
    """
    integrals: Frames = np.negative(np.log(transmission))
    return integrals


def bad_pixels(flat_field: Frames, dark_field: Frames) -> Mask:
    """Find pixels that answer to no beam: dead, or always hot.

    Parameters
    ----------
    flat_field, dark_field
        Mean frames, shape (row, column), counts.
    """
    signal = flat_field - dark_field
    usual = np.median(signal)
    mask: Mask = ~(signal > _DEAD * usual)
    return mask


def fill_bad_pixels(frames: Frames, mask: Mask) -> None:
    """Replace bad pixels by what lies left and right of them, in place.

    Parameters
    ----------
    frames
        Shape (angle, row, column).
    mask
        Bad pixels, shape (row, column). A row without a good pixel is left alone.
    """
    for row in np.flatnonzero(mask.any(axis=1)):
        good = np.flatnonzero(~mask[row])
        if not len(good):
            continue
        for column in np.flatnonzero(mask[row]):
            at = int(np.searchsorted(good, column))
            left, right = good[max(at - 1, 0)], good[min(at, len(good) - 1)]
            part = np.float32((column - left) / (right - left) if right > left else 0.0)
            line = frames[:, row, :]
            line[:, column] = (1 - part) * line[:, left] + part * line[:, right]


def _nonzero(beam: Frames) -> Frames:
    """Keep the division finite; such pixels are found as bad anyway."""
    return np.where(np.abs(beam) < 1e-6, np.float32(1e-6), beam)  # noqa: PLR2004

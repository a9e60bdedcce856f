"""Where the rotation axis is: two methods that share nothing, to compare.

`axis_from_slices` reconstructs a few slices for many axes and takes the one with the
least negative values (Donath et al. 2006). `axis_from_pair` lays projections over
the mirror image of those half a turn later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from daisy_kernel.apps.tomography.correction import Frames
from daisy_kernel.apps.tomography.scan import TomographyScan
from daisy_kernel.model.errors import InputMissing, ParameterRefused
from daisy_kernel.native import fbp, remove_stripes

Angles = npt.NDArray[np.float64]
_ROWS = 8  # the core takes eight rows at the price of one
_COARSE_ANGLES, _MIDDLE_ANGLES, _FINE_ANGLES = 90, 180, 360
_PAIRS = 6


def find_axis(
    scan: TomographyScan,
    *,
    method: Literal["slices", "pair"] = "slices",
    rows: Sequence[int] | None = None,
) -> float:
    """Find the column of the rotation axis; pixel centres are at integers.

    Parameters
    ----------
    scan
        A loaded scan.
    method
        "slices" (robust, some seconds), or "pair" (fast; needs a half turn).
    rows
        Detector rows to use; eight across the middle by default.
    """
    sinograms = read_rows(scan, rows)
    methods: dict[str, Callable[[Frames, Angles], float]] = {
        "slices": axis_from_slices,
        "pair": axis_from_pair,
    }
    if method not in methods:
        raise ParameterRefused(f"method is {method!r}; there are {', '.join(methods)}")
    return methods[method](sinograms, scan.angles)


def read_rows(scan: TomographyScan, rows: Sequence[int] | None = None) -> Frames:
    """Read corrected sinograms of single rows, shape (row, angle, column)."""
    count = scan.shape[1]
    if rows is None:
        middle = np.linspace(0.2, 0.8, min(_ROWS, count)) * (count - 1)
        rows = np.unique(np.rint(middle).astype(int)).tolist()
    references = scan.references()
    lo, hi = min(rows), max(rows) + 1
    every, _ = scan.sinograms(slice(lo, hi), references.rows(slice(lo, hi)))
    return every[[row - lo for row in rows]]


def axis_from_slices(sinograms: Frames, angles: Angles) -> float:
    """Find the axis whose slices have the least negative values.

    Parameters
    ----------
    sinograms
        Line integrals, shape (row, angle, column).
    angles
        Radians, shape (angle,).

    References
    ----------
    Donath, Beckmann, Schreyer, J. Opt. Soc. Am. A 23 (2006) 1048.
    """
    columns = sinograms.shape[2]
    clean = remove_stripes(sinograms, columns // 16 * 2 + 1)
    middle, reach = (columns - 1) / 2, 0.2 * columns
    small, factor = _bin(clean, 4)
    guesses = np.arange(middle - reach, middle + reach, 2.0)
    # pixel centres at integers: column c lies in bin (c + 1/2) / f - 1/2
    places = (guesses + 0.5) / factor - 0.5
    # a disk that all of these see whole would cut most objects
    binned = _Search(small, angles, _COARSE_ANGLES)
    guess = float(guesses[int(np.argmin([binned.negative(at) for at in places]))])
    half, factor = _bin(clean, 2)
    score = _fine(half, angles, (guess + 0.5) / factor - 0.5, 5.0, _MIDDLE_ANGLES)
    at, _ = _least(score, (guess + 0.5) / factor - 0.5, 1.0 / factor, 5)
    guess = (at + 0.5) * factor - 0.5
    return _least(_fine(clean, angles, guess, 1.0), guess, 0.25, 4)[1]


def _fine(
    sinograms: Frames,
    angles: Angles,
    guess: float,
    reach: float,
    most: int = _FINE_ANGLES,
) -> Callable[[float], float]:
    ends = np.array([guess - reach, guess + reach])
    return _Search(sinograms, angles, most, ends).negative


class _Search:
    """Scores an axis on some slices with some of the angles.

    Given *places* are scored on the same disk, which every one of them sees whole:
    a disk that grew with the place would shift the result.
    """

    def __init__(
        self,
        sinograms: Frames,
        angles: Angles,
        most: int,
        places: Angles | None = None,
    ) -> None:
        step = max(1, len(angles) // most)
        columns = sinograms.shape[2]
        self._sinograms = np.ascontiguousarray(_smooth(sinograms[:, ::step], 3))
        self._angles = angles[::step]
        radius = float(columns)
        if places is not None:
            radius = 0.93 * min(places.min(), columns - 1 - places.max())
        grid = np.arange(columns) - (columns - 1) / 2
        self._disk = np.hypot(grid[:, None], grid[None, :]) < radius

    def negative(self, axis: float) -> float:
        """Sum of the negative values in parts of the whole."""
        slices = fbp(self._sinograms, self._angles, axis, filter="hann")
        total = float(slices.sum(dtype=np.float64))
        below = float(np.minimum(slices[:, self._disk], 0).sum(dtype=np.float64))
        return -below / total if total > 0 else np.inf


def _least(
    score: Callable[[float], float], guess: float, step: float, reach: int
) -> tuple[float, float]:
    """Give the best of evenly spaced places, and the bottom of a parabola there."""
    places = guess + step * np.arange(-reach, reach + 1)
    scores = np.array([score(place) for place in places])
    best = float(places[int(np.argmin(scores))])
    near = np.isfinite(scores)
    if near.sum() < 3:  # noqa: PLR2004
        return best, best
    a, b, _ = np.polyfit(places[near] - best, scores[near], 2)
    bottom = best - b / (2 * a) if a > 0 else best
    return best, float(np.clip(bottom, places[0], places[-1]))


def axis_from_pair(sinograms: Frames, angles: Angles) -> float:
    """Find the axis from projections that are half a turn apart.

    Often no projection lies exactly half a turn after another. So several pairs
    are registered, and a line through their results is read off at 180 degrees.

    Parameters
    ----------
    sinograms
        Line integrals, shape (row, angle, column).
    angles
        Radians, shape (angle,).

    Raises
    ------
    InputMissing
        The scan covers less than half a turn.
    """
    degrees = np.rad2deg(angles)
    step = float(np.median(np.abs(np.diff(degrees)))) if len(degrees) > 1 else 0.0
    near = _pairs(degrees, 180.0, _PAIRS * max(step, 1e-6))
    if not near:
        span = float(np.ptp(degrees)) if len(degrees) else 0.0
        raise InputMissing(
            f"the scan covers {span:.1f} degrees, so no projection is the mirror image "
            "of another: use method='slices'"
        )
    smooth = _smooth(sinograms, 5)
    # stripes are not taken out: that would take features near the axis with them
    apart = np.array([abs(degrees[j] - degrees[i]) - 180 for i, j in near])
    found = np.array([_mirror_axis(smooth[:, i], smooth[:, j]) for i, j in near])
    good = np.abs(found - np.median(found)) <= max(2.0, 4 * _spread(found))
    if np.ptp(apart[good]) < 1e-6:  # noqa: PLR2004
        return float(np.median(found))
    return float(np.polyfit(apart[good], found[good], 1)[1])


def _pairs(degrees: Angles, apart: float, within: float) -> list[tuple[int, int]]:
    """List the closest pairs, at most some dozens."""
    distance = np.abs(degrees[None, :] - degrees[:, None])
    off = np.abs(distance - apart)
    i, j = np.nonzero(np.triu(off <= within, 1))
    order = np.argsort(off[i, j], kind="stable")[: _PAIRS * _PAIRS]
    return [(int(i[k]), int(j[k])) for k in order]


def _mirror_axis(first: Frames, second: Frames) -> float:
    """Register (row, column) with the mirror image of another."""
    columns = first.shape[1]
    mirrored = np.fft.rfft(second[:, ::-1], 2 * columns)
    frequency = np.fft.rfftfreq(2 * columns)

    def differ(axis: float) -> float:
        turn = np.exp(2j * np.pi * frequency * (columns - 1 - 2 * axis))
        moved = np.fft.irfft(mirrored * turn, 2 * columns)[:, :columns]
        lo = max(0, int(np.ceil(2 * axis)) - (columns - 1))
        hi = min(columns - 1, int(2 * axis))
        a, b = first[:, lo + 4 : hi - 3], moved[:, lo + 4 : hi - 3]
        # a robust distance: single bad pixels must not decide
        return float(np.abs(a - b).mean() / (a.std() + b.std() + 1e-12))

    middle, reach = (columns - 1) / 2, 0.2 * columns
    places = np.arange(middle - reach, middle + reach, 1.0)
    guess = float(places[int(np.argmin([differ(place) for place in places]))])
    guess, _ = _least(differ, guess, 0.25, 6)
    return _least(differ, guess, 0.25, 4)[1]


def _smooth(sinograms: Frames, width: int) -> Any:
    """Average along columns with a Hann window, the borders repeated."""
    kernel = np.hanning(width + 2)[1:-1]
    kernel /= kernel.sum()
    pad = width // 2
    wide = np.pad(sinograms, ((0, 0), (0, 0), (pad, pad)), mode="edge")
    columns = sinograms.shape[2]
    parts = (w * wide[:, :, k : k + columns] for k, w in enumerate(kernel))
    return sum(parts, np.zeros_like(sinograms))


def _spread(values: Any) -> float:
    """Median distance from the median, scaled to a standard deviation."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def _bin(sinograms: Frames, factor: int) -> tuple[Frames, int]:
    """Average columns; a rest that fills no bin is left out."""
    columns = sinograms.shape[2]
    if columns < 32 * factor:
        return sinograms, 1
    whole = columns // factor * factor
    shape = (*sinograms.shape[:2], whole // factor, factor)
    return np.ascontiguousarray(sinograms[:, :, :whole].reshape(shape).mean(-1)), factor

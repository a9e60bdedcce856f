"""How far positions are from each other, and when they are the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
# of a step: so far may the same position be apart in two axes
_SAME = 0.01
# of positions whose step is not known, relative to their size
_ROUNDING = 1e-9


def nearest(values: Floats, among: Floats) -> tuple[Indices, Floats]:
    """Give the nearest of some values for each, and how far it is."""
    if not len(among):
        return np.zeros(len(values), np.intp), np.full(len(values), np.inf)
    order = np.argsort(among, kind="stable")
    rising = among[order]
    right = np.clip(np.searchsorted(rising, values), 1, max(1, len(rising) - 1))
    left = right - 1
    right = np.minimum(right, len(rising) - 1)
    closer = np.where(values - rising[left] <= rising[right] - values, left, right)
    return order[closer], np.abs(values - rising[closer])


def step_of(*lines: Floats) -> float:
    """Give the smallest distance between neighbours; infinite if there are none."""
    steps = [np.diff(np.sort(line)) for line in lines]
    found = [float(step[step > 0].min()) for step in steps if (step > 0).any()]
    return min(found, default=np.inf)


def equal(a: Floats, b: Floats, tolerance: float | None) -> bool:
    """Whether two lines of positions are the same."""
    if a.shape != b.shape:
        return False
    distance = float(np.abs(a - b).max(initial=0))
    return distance <= within(tolerance, a, b)


def within(tolerance: float | None, *lines: Floats) -> float:
    """Give how far the same positions may be apart: by default part of a step."""
    if tolerance is not None:
        return tolerance
    step = step_of(*lines)
    if np.isinf(step):
        return _ROUNDING * max(float(np.abs(line).max(initial=0)) for line in lines)
    return _SAME * step

"""What a picture of a result shows: its axes, how long they are, and the units."""

from __future__ import annotations

import numpy as np

from daisy_kernel.model import Axis, DataObject

_FRAME = 2
_TIMES = " \N{MULTIPLICATION SIGN} "
_PREFIXES = (("m", 1.0), ("mm", 1e-3), ("µm", 1e-6), ("nm", 1e-9))
_SHORTEST = 0.1  # of the unit that a length is told in


def caption_of(found: DataObject) -> str:
    """Say what is in the picture of an object.

    Returns
    -------
    :
        Columns and rows, then where it is cut, then the units of the values, like
        "x 1.66 mm, y 1.66 mm, z 129 of 256, values in 1/cm", with a sign between the
        first two. A length is that of all pixels; without units it is told in pixels.
    """
    axes = found.axes or (Axis(),) * found.ndim
    if found.ndim >= _FRAME:
        told = [_frame(axes[-_FRAME:], found.shape[-_FRAME:])]
        before = zip(axes[:-_FRAME], found.shape[:-_FRAME], strict=True)
        told += [f"{a.name or 'frame'} {n // 2 + 1} of {n}" for a, n in before]
    else:
        told = [_curve(axis, n) for axis, n in zip(axes, found.shape, strict=True)]
    if found.units:
        unit = "without unit" if found.units == "1" else f"in {found.units}"
        told.append(f"values {unit}")
    return ", ".join(told)


def _frame(axes: tuple[Axis, ...], shape: tuple[int, ...]) -> str:
    """Tell columns, then rows."""
    lengths = [_length(axis, n) for axis, n in zip(axes, shape, strict=True)]
    unknown = "" if any(lengths) else " pixels"  # said once
    sides = [
        f"{axis.name} {length or (f'{n}' if unknown else f'{n} pixels')}".strip()
        for axis, n, length in zip(axes, shape, lengths, strict=True)
    ]
    return _TIMES.join(sides[::-1]) + unknown


def _length(axis: Axis, n: int) -> str:
    """Tell how long an axis is in its units; "" where that is not known."""
    if axis.values is None or not axis.units or len(axis.values) not in (n, n + 1):
        return ""
    values = np.asarray(axis.values, np.float64)
    between = len(values) - 1
    whole = abs(values[-1] - values[0])
    if between < 1 or not np.isfinite(whole) or not whole:
        return ""
    return _told(float(whole * n / between), axis.units)


def _told(length: float, units: str) -> str:
    if units == "m":
        units, factor = next(
            (p for p in _PREFIXES if length >= _SHORTEST * p[1]), _PREFIXES[-1]
        )
        length /= factor
    return f"{length:.3g} {units}"


def _curve(axis: Axis, n: int) -> str:
    if axis.values is None or not axis.units:
        return f"{axis.name} {n} points".strip()
    values = np.asarray(axis.values, np.float64)
    return f"{axis.name} {values[0]:.6g} to {values[-1]:.6g} {axis.units}".strip()

"""Words with which an algorithm says what it takes and gives.

They stand in annotations, beside the type::

    Projections = Annotated[
        npt.NDArray[np.float32], Data("angle row column", units="counts")
    ]

    def smooth(
        projections: Projections,
        *,
        width: Annotated[float, Parameter(units="um", low=0)] = 10.0,
    ) -> Projections: ...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# what has to be whole for one call, and what may be cut
Pattern = Literal["point", "spectrum", "frame", "sinogram", "volume", "scan"]

PATTERNS: dict[Pattern, str] = {
    "point": "every value for itself; arrays are broadcast as numpy does",
    "spectrum": "the last axis is whole",
    "frame": "the last two axes are whole",
    "sinogram": "angle and column are whole, given as (row, angle, column)",
    "volume": "everything is whole",
    "scan": "opens a scan, and reads nothing but what describes it",
}

# axes that are whole in a call, counted from the end of what the function is given
CORE = {"point": 0, "spectrum": 1, "frame": 2, "sinogram": 2}
# what the axes of an input are called where it does not say
USUAL = {
    "spectrum": ("point", "channel"),
    "frame": ("frame", "row", "column"),
    "sinogram": ("row", "angle", "column"),
}


@dataclass(frozen=True)
class Data:
    """What an array must be.

    Attributes
    ----------
    axes
        Names, slow to fast, like "angle row column"; empty for any.
    units
        Unit that the values must be convertible to; "" for any, "1" for none.
        Of a result also "same": that of the first input.
    """

    axes: str = ""
    units: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(self.axes.split())


@dataclass(frozen=True)
class Parameter:
    """What a parameter must be.

    Attributes
    ----------
    units
        In which a plain number is meant. A text like "5 mm" is converted.
    low, high
        Smallest and largest value, both allowed.
    """

    units: str = ""
    low: float | None = None
    high: float | None = None

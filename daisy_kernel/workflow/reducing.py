"""How parts of a reduction become one, always in the same order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Combine = Callable[[Any, Any], Any]
_ELEMENTWISE: dict[str, Any] = {"sum": np.add, "min": np.minimum, "max": np.maximum}


@dataclass(frozen=True)
class Reducing:
    """What a reduction does with the results of two parts.

    Attributes
    ----------
    axis
        Name or number of the axis of the first input that the result lacks.
    combine
        "sum", "min", "max", or a function of two results.
    finish
        Makes the final result of what was combined, and how many positions it was.
    """

    axis: str | int
    combine: str | Combine = "sum"
    finish: Callable[[Any, int], Any] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.combine, str) and self.combine not in _ELEMENTWISE:
            known = ", ".join(_ELEMENTWISE)
            raise ValueError(f"combine is {self.combine!r}; there are {known}")

    @property
    def is_elementwise(self) -> bool:
        """Whether parts of the result can be combined on their own."""
        return isinstance(self.combine, str)

    def combined(self, left: Any, right: Any) -> Any:
        """Combine what came before with what comes after; may use up *left*."""
        if not isinstance(self.combine, str):
            return self.combine(left, right)
        return _ELEMENTWISE[self.combine](left, right, out=left)

    def finished(self, total: Any, count: int) -> Any:
        """Give the final result."""
        return total if self.finish is None else self.finish(total, count)

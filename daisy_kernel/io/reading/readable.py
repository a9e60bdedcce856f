"""What the core needs to read a dataset, whether its file is open or not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from daisy_kernel.io.reading.parts import Part
from daisy_kernel.io.reading.stamps import Stamps
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.selection import Positions


@dataclass(frozen=True)
class Readable:
    """A dataset for the core.

    Attributes
    ----------
    parts_of
        Gives what has to be read of some positions per axis into an array.
    stamps
        The files behind it, when they were looked at.
    whole
        Shape of chunks that can only be decoded whole; None if parts of them can.
    """

    parts_of: Callable[[Sequence[Positions], Array], list[Part]]
    stamps: Stamps
    whole: tuple[int, ...] | None = None

    def parts(self, axes: Sequence[Positions], out: Array) -> list[Part] | None:
        """Give the parts of a selection, None if they do not make up all of it."""
        found = self.parts_of(axes, out)
        return found if sum(math.prod(p.out.shape) for p in found) == out.size else None


@runtime_checkable
class HasReadable(Protocol):
    """An array that the core may know how to read."""

    def readable(self) -> Readable | None:
        """Give what the core needs, None if it does not know how to read it."""
        ...

"""Sums of blocks, joined in pairs like ((0 + 1) + (2 + 3)), however they come in.

A floating-point sum depends on its order. This one follows from the numbers of the
blocks and from nothing else, and neighbours can be added up wherever they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Part = TypeVar("Part")


class Pairs(Generic[Part]):
    """Parts of what is added up, each of some neighbouring blocks.

    Parameters
    ----------
    count
        Number of all blocks.
    combine
        Joins what comes before with what comes after; may use up the former.
    """

    def __init__(self, count: int, combine: Callable[[Part, Part], Part]) -> None:
        self._count, self._combine = count, combine
        # by first block, and how many blocks the pair would have without an end
        self._parts: dict[tuple[int, int], Part] = {}

    def put(self, blocks: range, part: Part) -> None:
        """Take a part, and join it with those that it can be joined with.

        Parameters
        ----------
        blocks
            A power of two of them that begins at a multiple of that, but for the end.
        """
        start, size = blocks.start, 1
        while size < len(blocks):
            size *= 2
        while size < self._count:
            other = start ^ size
            if (other, size) in self._parts:
                found = self._parts.pop((other, size))
                before, after = (found, part) if other < start else (part, found)
                part = self._combine(before, after)
            elif other < self._count:
                break
            start, size = min(start, other), 2 * size
        self._parts[start, size] = part

    def joined(self) -> Part:
        """Give what all parts that were put have become, which fit together."""
        (part,) = self._parts.values()
        return part


def portions(count: int, size: int) -> list[range]:
    """Cut blocks into portions of neighbours.

    Parameters
    ----------
    size
        A power of two.
    """
    return [range(at, min(at + size, count)) for at in range(0, count, size)]

"""Parts of reductions on disk, so that a killed run does not add up from the start."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.blocks import BlockFolder, BlockLayout
from daisy_kernel.model.errors import DataError
from daisy_kernel.workflow.keeping import Keeper
from daisy_kernel.workflow.pairs import portions
from daisy_kernel.workflow.work import Done, Work

# what is made again in less time is not worth a file
_WORTH_SECONDS = 5.0


class KeptParts:
    """What the blocks of a stage have added up so far.

    Only arrays are kept; what a function of one's own combines is made again. Parts of
    one block and of several lie in folders of their own, by how many they are of.

    Attributes
    ----------
    names
        Of the objects that are added up.
    is_complete
        Whether all of them are kept.
    """

    def __init__(self, work: Work, keeper: Keeper) -> None:
        self._work, self._keeper = work, keeper
        self._count, self._start = work.blocks.count, time.monotonic()
        self._folders: dict[tuple[str, int], BlockFolder] = {}
        self.names = work.added_up
        self.is_complete = all(keeper.scratch(f"{n}/1") for n in self.names)
        for size in self._sizes() if self.is_complete else ():
            for name in self.names:
                if found := _opened(keeper.scratch(f"{name}/{size}")):
                    self._folders[name, size] = found

    def known(self) -> Iterator[tuple[range, Mapping[str, Any]]]:
        """Give the parts that are there, of as many blocks as possible each."""
        given: set[int] = set()
        for size in sorted(self._sizes(), reverse=True):
            folders = [self._folders.get((name, size)) for name in self.names]
            if any(folder is None for folder in folders):
                continue
            named = {n: f for n, f in zip(self.names, folders, strict=True) if f}
            for number, blocks in enumerate(portions(self._count, size)):
                whole = all(folder.has(number) for folder in named.values())
                if whole and given.isdisjoint(blocks):
                    given.update(blocks)
                    yield blocks, {n: f.read(number)[0] for n, f in named.items()}

    def keep(self, done: Done) -> None:
        """Write parts, once the stage has taken some time."""
        if time.monotonic() - self._start < _WORTH_SECONDS:
            return
        size = next(n for n in self._sizes() if n >= len(done.blocks))
        for name in self.names:
            path = self._keeper.scratch(f"{name}/{size}")
            if path is None:
                return
            part = np.asarray(done.parts[name])
            if (name, size) not in self._folders:
                layout = _layout(len(portions(self._count, size)), part)
                self._folders[name, size] = BlockFolder.create(path, layout)
            number = done.blocks.start // size
            self._folders[name, size].write(number, part[np.newaxis])

    def remove(self) -> None:
        """Delete them: all is added up."""
        for folder in self._folders.values():
            folder.remove()

    def _sizes(self) -> Iterator[int]:
        """Give how many blocks a part can be of: powers of two."""
        size = 1
        while size < 2 * self._count:
            yield size
            size *= 2


def _layout(count: int, part: Any) -> BlockLayout:
    shape = (count, *part.shape)
    return BlockLayout(shape, part.dtype, 0, 1, (1, *part.shape))


def _opened(path: Path | None) -> BlockFolder | None:
    try:
        return None if path is None else BlockFolder.open(path)
    except DataError:
        return None

"""Parts of reductions on disk, so that a killed run does not add up from the start."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.blocks import BlockFolder, BlockLayout
from daisy_kernel.model.errors import DataError
from daisy_kernel.workflow.keeping import Keeper
from daisy_kernel.workflow.work import Done, Work

# what is made again in less time is not worth a file
_WORTH_SECONDS = 5.0


class KeptParts:
    """What the blocks of a stage have added up so far.

    Only arrays are kept; what a function of one's own combines is made again.
    """

    def __init__(self, work: Work, keeper: Keeper) -> None:
        self._count, self._start = work.blocks.count, time.monotonic()
        places = {name: keeper.scratch(name) for name in _names(work)}
        self._places = {name: path for name, path in places.items() if path}
        self._folders = {n: _opened(path) for n, path in self._places.items()}
        self.is_complete = len(self._places) == len(_names(work))

    def known(self, number: int) -> Mapping[str, Any] | None:
        """Give the parts of a block; None if some are not there."""
        found = {}
        for name, folder in self._folders.items():
            if folder is None or not folder.has(number):
                return None
            found[name] = folder.read(number)[0]
        return found

    def keep(self, done: Done) -> None:
        """Write the parts of a block, once the stage has taken some time."""
        if time.monotonic() - self._start < _WORTH_SECONDS:
            return
        for name, path in self._places.items():
            part = np.asarray(done.parts[name])
            folder = self._folders[name]
            if folder is None:
                layout = _layout(self._count, part)
                folder = self._folders[name] = BlockFolder.create(path, layout)
            folder.write(done.number, part[np.newaxis])

    def remove(self) -> None:
        """Delete them: all is added up."""
        for folder in self._folders.values():
            if folder is not None:
                folder.remove()


def _names(work: Work) -> list[str]:
    """Names of the objects whose parts are added up block by block."""
    parts = [turn for turn in work.turns if turn.is_part]
    return [name for turn in parts for name in turn.call.step.into]


def _layout(count: int, part: Any) -> BlockLayout:
    shape = (count, *part.shape)
    return BlockLayout(shape, part.dtype, 0, 1, (1, *part.shape))


def _opened(path: Path) -> BlockFolder | None:
    try:
        return BlockFolder.open(path)
    except DataError:
        return None

"""Objects of a workflow that runs without a run folder: large ones lie on disk."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from daisy_kernel.io.blocks import BlockFolder, BlockLayout
from daisy_kernel.model.closing import Closing
from daisy_kernel.workflow.keeping import InMemory

_LARGE = 1 << 30


class Spilling(InMemory, Closing):
    """Keeps objects in memory, and what is too large for that on disk until it closes.

    Parameters
    ----------
    place
        Folder that workers see as well; that of temporary files by default.
    large
        Bytes from which on an object goes to disk.
    """

    def __init__(self, place: Path | None = None, large: int = _LARGE) -> None:
        self._place, self._large = place, large
        self._folder: Path | None = None

    def folder(self, name: str, layout: BlockLayout) -> BlockFolder | None:
        """Say where blocks of an object go; None keeps them in memory."""
        whole = sum(layout.file_bytes(number) for number in range(layout.count))
        if whole < self._large:
            return None
        if self._folder is None:
            if self._place is not None:
                self._place.mkdir(parents=True, exist_ok=True)
            made = tempfile.mkdtemp(prefix=".daisy-", dir=self._place)
            self._folder = Path(made)
        return BlockFolder.create(self._folder / name.replace("/", "."), layout)

    def close(self) -> None:
        """Delete what lies on disk."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

"""Where the objects of a workflow are kept while it runs, and who hears of it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from daisy_kernel.io.blocks import BlockFolder, BlockLayout
from daisy_kernel.model import DataObject
from daisy_kernel.workflow.blocks import Blocks
from daisy_kernel.workflow.stages import Stage
from daisy_kernel.workflow.work import Done


class Keeper(Protocol):
    """Keeps objects, and is told how far a workflow has come.

    Attributes
    ----------
    for_later
        Whether objects are still of use when the workflow has ended: then what was
        dear to make is kept, also where nobody needs it now.
    """

    for_later: bool

    def known(self, name: str) -> DataObject | None:
        """Give an object that was made before."""
        ...

    def folder(self, name: str, layout: BlockLayout) -> BlockFolder | None:
        """Say where blocks of an object go; None keeps them in memory."""
        ...

    def scratch(self, name: str) -> Path | None:
        """Say where parts of an object that is added up go; None keeps none."""
        ...

    def kept(self, name: str, found: DataObject) -> None:
        """Hear that an object is there, whole."""
        ...

    def wrote(self, name: str, size: int) -> None:
        """Hear that bytes of an object were written here, not by whoever made it."""
        ...

    def nans(self, name: str, algorithm: str, count: int) -> None:
        """Hear that an object holds values that are no numbers."""
        ...

    def begin(self, stage: Stage, blocks: Blocks, finished: int) -> None:
        """Hear that a stage begins, of which so many blocks are there already."""
        ...

    def block(self, done: Done) -> None:
        """Hear that a block is done; may raise RunStopped."""
        ...


class InMemory:
    """Keeps nothing beyond the run, and tells nobody."""

    for_later = False

    def known(self, name: str) -> DataObject | None:
        """Know nothing."""
        return None

    def folder(self, name: str, layout: BlockLayout) -> BlockFolder | None:
        """Keep in memory."""
        return None

    def scratch(self, name: str) -> Path | None:
        """Keep none."""
        return None

    def kept(self, name: str, found: DataObject) -> None:
        """Do nothing."""

    def wrote(self, name: str, size: int) -> None:
        """Do nothing."""

    def nans(self, name: str, algorithm: str, count: int) -> None:
        """Do nothing: whoever has the array sees it."""

    def begin(self, stage: Stage, blocks: Blocks, finished: int) -> None:
        """Do nothing."""

    def block(self, done: Done) -> None:
        """Do nothing."""

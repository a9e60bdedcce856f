"""Objects of runs on disk: found by their identity, in this run and in others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from daisy_kernel.io.blocks import BlockFolder, BlockLayout, open_blocks
from daisy_kernel.model import DataObject, Origin
from daisy_kernel.model.errors import DataError
from daisy_kernel.workflow.runs.record import OBJECTS, read_progress
from daisy_kernel.workflow.runs.results import open_result
from daisy_kernel.workflow.storing import described
from daisy_kernel.workflow.turning import TURNED

_DESCRIPTION, _IDENTITY = "object", "identity"


@dataclass(frozen=True)
class Objects:
    """What a run keeps beside its results.

    Attributes
    ----------
    others
        Folders of runs that may have the same objects.
    """

    run: Path
    identities: Mapping[str, str]
    others: Mapping[str, tuple[Path, str]]

    def folder(self, name: str, layout: BlockLayout) -> BlockFolder:
        """Make the folder of an object, or give the one that is there."""
        attributes = {**layout.attributes, _IDENTITY: self._identity(name)}
        return BlockFolder.create(
            _place(self.run, name), replace(layout, attributes=attributes)
        )

    def scratch(self, name: str) -> Path:
        """Give a place for parts of an object."""
        return _place(self.run, f"{name}/parts")

    def find(self, name: str) -> tuple[DataObject, Path] | None:
        """Give an object that is whole, and the run that made it."""
        wanted = self._identity(name)
        candidates = [(self.run, name)]
        if wanted in self.others:
            candidates.append(self.others[wanted])
        for run, own in candidates:
            found = _of_blocks(run, own, wanted) or _of_result(run, own, wanted)
            if found is not None:
                return found, run
        return None

    def _identity(self, name: str) -> str:
        base = name.removesuffix(TURNED)
        known = self.identities.get(base, "")
        return known if base == name else f"{known}{TURNED}"

    def remove(self, name: str) -> None:
        """Delete an object that is in a result now."""
        folder = _place(self.run, name)
        if folder.is_dir():
            BlockFolder.open(folder).remove()


def _place(run: Path, name: str) -> Path:
    return run / OBJECTS / name.replace("/", ".")


def _of_blocks(run: Path, name: str, identity: str) -> DataObject | None:
    try:
        folder = BlockFolder.open(_place(run, name))
        attributes = folder.layout.attributes
        if attributes.get(_IDENTITY) != identity or not folder.is_whole:
            return None
        origin = Origin(identity=identity)
        return described(open_blocks(folder.path), attributes[_DESCRIPTION], origin)
    except (DataError, KeyError, TypeError, ValueError):
        return None


def _of_result(run: Path, name: str, identity: str) -> DataObject | None:
    file = read_progress(run).files.get(name)
    if file is None:
        return None
    try:
        found = open_result(run / file)
    except (DataError, KeyError, TypeError, ValueError):
        return None
    return found if found.origin.identity == identity else None


def objects_of_runs(
    runs: Iterator[tuple[Path, Mapping[str, str]]],
) -> dict[str, tuple[Path, str]]:
    """Say which run has which object, by identity."""
    found: dict[str, tuple[Path, str]] = {}
    for folder, identities in runs:
        for name, identity in identities.items():
            found.setdefault(identity, (folder, name))
    return found

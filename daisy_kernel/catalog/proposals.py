"""Proposals below a data folder: <root>/<beamline>/<proposal>/{raw,processed}."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Proposal:
    """One accepted request, as a folder.

    `problem` says why nothing will be found in it; it is empty if all is well.
    """

    beamline: str
    name: str
    path: str
    title: str = ""
    problem: str = ""


def proposals(root: str | os.PathLike[str]) -> tuple[Proposal, ...]:
    """List the proposals that may be seen, by beamline and name.

    Parameters
    ----------
    root
        Folder with a folder per beamline; or one proposal, which is given alone.
    """
    if (Path(root) / "raw").is_dir():
        whole = Path(root).absolute()
        return (_proposal(whole.parent, whole),)
    return tuple(
        _proposal(beamline, folder)
        for beamline in folders(Path(root))
        for folder in folders(beamline)
    )


def folders(parent: Path) -> list[Path]:
    """List the visible folders of a folder; one that may not be read has none."""
    try:
        with os.scandir(parent) as entries:
            found = [
                e.name for e in entries if e.is_dir() and not e.name.startswith(".")
            ]
    except OSError:
        return []
    return [parent / name for name in sorted(found)]


def _proposal(beamline: Path, folder: Path) -> Proposal:
    return Proposal(
        beamline.name, folder.name, str(folder), _title(folder), _problem(folder)
    )


def _title(folder: Path) -> str:
    """Read the title from proposal.toml, which a facility may put there."""
    try:
        with (folder / "proposal.toml").open("rb") as file:
            return str(tomllib.load(file).get("title", ""))
    except (OSError, tomllib.TOMLDecodeError):
        return ""


def _problem(folder: Path) -> str:
    if not os.access(folder, os.R_OK | os.X_OK):
        return "this folder may not be read: ask the beamline for access"
    if not (folder / "raw").is_dir() and not (folder / "processed").is_dir():
        return "there is neither a folder 'raw' nor 'processed' in it"
    return ""

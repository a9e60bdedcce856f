"""Who sees which data: proposals below one tree, members in `members.toml`.

A proposal is a folder `<beamline>/<proposal>`. Without `members.toml` the first
account sees all of them and the others see nothing.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEMBERS_FILE = "members.toml"


class MembersFileInvalid(Exception):
    """`members.toml` does not say clearly who sees what; nothing is granted."""


@dataclass(frozen=True)
class Proposal:
    """One proposal's folder and the accounts that may see it."""

    beamline: str
    name: str
    path: Path
    members: tuple[str, ...]

    @property
    def identifier(self) -> str:
        """Name that is unique in the tree: `<beamline>/<proposal>`."""
        return f"{self.beamline}/{self.name}"


def read_members(data: Path) -> dict[str, tuple[str, ...]] | None:
    """Return the members by proposal, or None where there is no file.

    Raises
    ------
    MembersFileInvalid
        Names the file, the entry, and what it should be.
    """
    path = data / MEMBERS_FILE
    if not path.exists():
        return None
    try:
        content = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MembersFileInvalid(f"{path}: {error}") from error
    return {name: _members(path, name, entry) for name, entry in content.items()}


def _members(path: Path, name: str, entry: object) -> tuple[str, ...]:
    members = entry.get("members") if isinstance(entry, dict) else None
    if not isinstance(members, list) or not all(isinstance(m, str) for m in members):
        raise MembersFileInvalid(
            f'{path}: {name!r} has no list of members. Write ["{name}"] and below it '
            'members = ["name", ...].'
        )
    return tuple(members)


def all_proposals(data: Path, accounts: Sequence[str]) -> tuple[Proposal, ...]:
    """List the proposals of a tree with their members.

    A symbolic link is not a proposal: it could lead anywhere.
    """
    members = read_members(data)
    first = tuple(accounts[:1])
    return tuple(
        Proposal(
            beamline.name,
            folder.name,
            folder,
            first
            if members is None
            else members.get(f"{beamline.name}/{folder.name}", ()),
        )
        for beamline in _folders(data)
        for folder in _folders(beamline)
    )


def proposals_of(
    account: str, data: Path, accounts: Sequence[str]
) -> tuple[Proposal, ...]:
    """List the proposals that an account may see."""
    return tuple(p for p in all_proposals(data, accounts) if account in p.members)


def public_proposals(tree: Path) -> tuple[Proposal, ...]:
    """List the proposals of a tree that everybody may read; it has no members."""
    return tuple(
        Proposal(beamline.name, folder.name, folder, ())
        for beamline in _folders(tree)
        for folder in _folders(beamline)
    )


def _folders(path: Path) -> list[Path]:
    return sorted(
        entry
        for entry in path.iterdir()
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith(".")
    )

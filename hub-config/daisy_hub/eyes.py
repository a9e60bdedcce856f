"""What an account finds behind its own wall: a fixed script, and what it said.

The script follows from the grants alone. It runs in a sandbox of the machine or in a
container: what is looked at is the same.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from daisy_hub.homes import accounts_of
from daisy_hub.proposals import all_proposals, person_of, proposals_of
from daisy_hub.settings import Settings
from daisy_hub.views.view import Viewed
from daisy_hub.views.wanted import wanted

_HOME, _DATA, _END = "home ", "data ", "looked at all"
_TOUCH = (
    'said=$(touch "$HOME/.daisy-doctor" 2>&1 && rm "$HOME/.daisy-doctor" 2>&1)'
    f' || echo "{_HOME}$said"'
)


@dataclass(frozen=True)
class Seen:
    """What was found.

    Attributes
    ----------
    home
        Why the home cannot be written; "" where it can.
    unusable
        Granted folders below `~/data` that cannot be used as they are granted.
    folders
        How many were granted.
    wall
        Why nothing could be looked at; "" where it could.
    """

    home: str = ""
    unusable: tuple[str, ...] = ()
    folders: int = 0
    wall: str = ""


def granted_folders(settings: Settings, name: str) -> list[Viewed]:
    """List the folders that an account should see.

    Raises
    ------
    AccountError, MembersInvalid, TreeInvalid
        It cannot be said which.
    """
    accounts = accounts_of(settings)
    person = person_of(accounts.get(name))
    proposals = proposals_of(person, all_proposals(settings, accounts))
    return [v for v in wanted(settings, person, proposals) if v.source.is_dir()]


def script(folders: list[Viewed]) -> str:
    """Return what a shell inside has to try."""
    return "\n".join([_TOUCH, *map(_try, folders), f"echo {_END}"])


def _try(folder: Viewed) -> str:
    # names of folders are the facility's: a shell may find more in them
    target = shlex.quote(str(folder.target))
    flag = "w" if folder.writable else "r"
    return f'test -{flag} "$HOME"/data/{target} || echo {_DATA}{target}'


def seen(said: str, folders: int) -> Seen:
    """Understand what the script has printed."""
    lines = said.strip().splitlines()
    if _END not in lines:
        return Seen(wall=said.strip() or "it ended without a word")
    return Seen(
        home=" ".join(_after(_HOME, lines)),
        unusable=tuple(_after(_DATA, lines)),
        folders=folders,
    )


def _after(word: str, lines: list[str]) -> Iterator[str]:
    return (line.removeprefix(word) for line in lines if line.startswith(word))

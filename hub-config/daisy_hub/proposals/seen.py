"""Proposals as the daemon of grants saw them last, for who does not see the tree.

The hub in a container holds the state folder and no data. What it has to know of the
tree are the folders' names, and those lie in one file of the state.

Requirements: replaced in one step, by one writer (the daemon); nothing is taken for
"no proposals" that only is not known yet.
"""

import json
from pathlib import Path

from daisy_hub.accounts import Accounts
from daisy_hub.files import write_atomically
from daisy_hub.proposals.entries import MembersInvalid
from daisy_hub.proposals.membership import Membership
from daisy_hub.proposals.rights import Proposal, joined
from daisy_hub.proposals.tree import Folder, TreeInvalid
from daisy_hub.settings import Settings

ADVICE = "The daemon of grants writes it: make up."


def keep_seen(settings: Settings, proposals: tuple[Proposal, ...]) -> None:
    """Write down which proposals there are, where that is new."""
    rows = [[p.beamline, p.name, str(p.path)] for p in proposals]
    text = json.dumps(rows, indent=0) + "\n"
    path = _file(settings)
    if not path.exists() or path.read_text() != text:
        write_atomically(path, text)


def seen_proposals(settings: Settings, accounts: Accounts) -> tuple[Proposal, ...]:
    """List the proposals with what is said of them, from the state folder alone.

    Raises
    ------
    MembersInvalid, TreeInvalid
        Nothing has been written down yet, or it cannot be read.
    """
    entries = Membership(settings, accounts).kept()
    if entries is None:
        raise MembersInvalid(f"It is not known yet who belongs to what. {ADVICE}")
    return joined(settings, _folders(settings), entries)


def _folders(settings: Settings) -> list[Folder]:
    path = _file(settings)
    try:
        rows = json.loads(path.read_text())
        return [Folder(beamline, name, Path(p)) for beamline, name, p in rows]
    except (OSError, ValueError, TypeError) as error:
        raise TreeInvalid(
            f"{path} does not say which proposals there are ({error}). {ADVICE}"
        ) from error


def _file(settings: Settings) -> Path:
    return settings.state / "proposals.json"

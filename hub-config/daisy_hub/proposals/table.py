"""The table `members.toml` at the top of the tree, written by hand."""

import tomllib
from pathlib import Path

from daisy_hub.proposals.entries import Entries, Entry, MembersInvalid, entry_from

MEMBERS_FILE = "members.toml"


def read_table(data: Path) -> Entries | None:
    """Return the entries by proposal, or None where there is no file.

    Raises
    ------
    MembersInvalid
        Names the file, the entry, and what it should be.
    """
    path = data / MEMBERS_FILE
    if not path.exists():
        return None
    try:
        content = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MembersInvalid(f"{path}: {error}") from error
    entries = {n: entry_from(str(path), n, e) for n, e in content.items()}
    for name, entry in entries.items():
        _says_who(path, name, entry)
    return entries


def _says_who(path: Path, name: str, entry: Entry) -> None:
    """Refuse an entry without anybody: it is an entry that was meant otherwise."""
    if not {"members", "groups", "temporary"} & entry.model_fields_set:
        raise MembersInvalid(
            f'{path}: {name!r} has no list of members. Write ["{name}"] and below it '
            'members = ["name", ...].'
        )

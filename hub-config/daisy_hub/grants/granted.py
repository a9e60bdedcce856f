"""What each account has been granted, kept so that every change is noticed and noted.

Requirements: replaced in one step; what cannot be read is an error, never "nothing",
which would make every grant a new one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from daisy_hub.files import write_atomically
from daisy_hub.proposals import Access, Person, Proposal

EVERYBODY = "*"  # whom an area is open to when its embargo has ended


@dataclass(frozen=True)
class Grant:
    """What an account may do with a proposal."""

    raw: Access = ""
    processed: Access = ""

    @property
    def is_any(self) -> bool:
        """Whether anything may be seen."""
        return bool(self.raw or self.processed)

    def takes_from(self, before: "Grant") -> bool:
        """Whether something that could be read cannot be read any more."""
        return bool(before.raw and not self.raw) or bool(
            before.processed and not self.processed
        )


NOTHING = Grant()
Granted = dict[tuple[str, str], Grant]  # by account and proposal


def granted(people: Mapping[str, Person], proposals: Iterable[Proposal]) -> Granted:
    """Say what is granted today; what is open to everybody is said once."""
    by_group, staff = _by(people, "groups"), _by(people, "beamlines")
    found = {}
    for proposal in proposals:
        everybody = _grant(proposal, Person(""))
        if everybody.is_any:
            found[EVERYBODY, proposal.identifier] = everybody
        names = proposal.entry.concerned(by_group) | staff.get(proposal.beamline, set())
        for name in names & people.keys():
            grant = _grant(proposal, people[name])
            if grant.is_any and grant != everybody:
                found[name, proposal.identifier] = grant
    return found


def _grant(proposal: Proposal, person: Person) -> Grant:
    return Grant(proposal.raw(person), proposal.processed(person))


def _by(people: Mapping[str, Person], what: str) -> dict[str, set[str]]:
    """Name the people of each group or beamline."""
    found: dict[str, set[str]] = {}
    for name, person in people.items():
        for word in getattr(person, what):
            found.setdefault(word, set()).add(name)
    return found


def changes(before: Granted, after: Granted) -> Iterator[tuple[str, str, Grant, Grant]]:
    """List what has changed: account, proposal, the grant before and now."""
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key, NOTHING), after.get(key, NOTHING)
        if was != now:
            yield *key, was, now


class GrantedFile:
    """The grants that were in force at the last look."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Granted:
        """Return them; none where nothing was ever granted."""
        try:
            content = json.loads(self.path.read_text())
        except FileNotFoundError:
            return {}
        return {(a, p): Grant(*areas) for a, p, *areas in content}

    def write(self, content: Granted) -> None:
        """Replace them."""
        rows = [[a, p, g.raw, g.processed] for (a, p), g in sorted(content.items())]
        write_atomically(self.path, json.dumps(rows, indent=0))

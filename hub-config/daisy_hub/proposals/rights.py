"""What an account may do with each proposal today: tree and members together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from daisy_hub.accounts import Account, Accounts
from daisy_hub.proposals.closed import closed_of
from daisy_hub.proposals.entries import Entries, Entry
from daisy_hub.proposals.membership import Membership
from daisy_hub.proposals.tree import Folder, Template, folders_of
from daisy_hub.proposals.windows import Access
from daisy_hub.settings import Settings

STAFF = "staff:"  # a role: staff:B7 are the staff of the beamline B7
NOBODY = Entry()


@dataclass(frozen=True)
class Person:
    """An account, as far as rights over data depend on it."""

    name: str
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    @property
    def beamlines(self) -> frozenset[str]:
        """Beamlines of whose staff it is."""
        roles = (r for r in self.roles if r.startswith(STAFF))
        return frozenset(r.removeprefix(STAFF) for r in roles)


@dataclass(frozen=True)
class Proposal:
    """One proposal's folder, and what is said of it.

    Attributes
    ----------
    closed
        Why nobody may see anything of it; "" where it is open.
    """

    folder: Folder
    entry: Entry = NOBODY
    closed: str = ""

    @property
    def beamline(self) -> str:
        """Name of the beamline."""
        return self.folder.beamline

    @property
    def name(self) -> str:
        """Name below the beamline, as accounts see it."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """Folder on disk."""
        return self.folder.path

    @property
    def identifier(self) -> str:
        """Name that is unique in the tree: `<beamline>/<name>`."""
        return self.folder.identifier

    def includes(self, person: Person, today: date | None = None) -> bool:
        """Whether an account belongs to the team."""
        day = today or date.today()
        return self.entry.includes(person.name, person.groups, day)

    def raw(self, person: Person, today: date | None = None) -> Access:
        """Say what an account may do with `raw`."""
        if self.closed:
            return ""
        day, window = today or date.today(), self.entry.raw.window()
        if self.includes(person, day):
            return window.for_members(day, write=False)
        return self._as_staff(person) or window.for_others(day)

    def processed(self, person: Person, today: date | None = None) -> Access:
        """Say what an account may do with `processed`."""
        if self.closed:
            return ""
        day, window = today or date.today(), self.entry.processed.window()
        if self.includes(person, day):
            return window.for_members(day, write=True) or self._as_staff(person)
        return self._as_staff(person) or window.for_others(day)

    def _as_staff(self, person: Person) -> Access:
        return "read" if self.beamline in person.beamlines else ""


def person_of(account: Account) -> Person:
    """Return what rights depend on."""
    return Person(account.name, frozenset(account.groups), frozenset(account.roles))


def all_proposals(settings: Settings, accounts: Accounts) -> tuple[Proposal, ...]:
    """List the proposals of the tree with what is said of them.

    Raises
    ------
    MembersInvalid, TreeInvalid, OSError
        It cannot be said who sees what.
    """
    entries = Membership(settings, accounts).entries()
    folders = folders_of(settings.data, Template(settings.tree))
    return joined(settings, folders, entries)


def joined(
    settings: Settings, folders: Iterable[Folder], entries: Entries
) -> tuple[Proposal, ...]:
    """Put folders and what is said of them together."""
    closed = closed_of(settings.state).reasons()
    return tuple(
        Proposal(f, entries.get(f.identifier, NOBODY), closed.get(f.identifier, ""))
        for f in folders
    )


def proposals_of(
    person: Person, proposals: Iterable[Proposal], today: date | None = None
) -> tuple[Proposal, ...]:
    """List the proposals of which an account may see something."""
    return tuple(
        p for p in proposals if p.raw(person, today) or p.processed(person, today)
    )

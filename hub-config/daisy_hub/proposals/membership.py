"""What the sources said last, kept in one file of the hub's state.

Requirements: an outage of a source revokes nobody (the last known good stays in
force); a source that suddenly takes access from very many is stopped until an operator
has looked; the file is replaced in one step, by one writer at a time.
"""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from daisy_hub import audit
from daisy_hub.accounts import Accounts, names_by_group
from daisy_hub.files import write_atomically
from daisy_hub.proposals.entries import Entries, Entry, MembersInvalid
from daisy_hub.proposals.sources import read_all
from daisy_hub.settings import Settings

# below so many memberships a loss is ordinary work of a small team
ALARM_AT_LEAST = 5


@dataclass(frozen=True)
class Change:
    """Memberships, as (account, proposal), that a sync adds and takes."""

    added: frozenset[tuple[str, str]]
    removed: frozenset[tuple[str, str]]
    before: int

    def is_alarming(self, share: float) -> bool:
        """Whether it takes more than a share of all memberships at once."""
        lost = len(self.removed)
        return lost >= ALARM_AT_LEAST and lost > share * self.before


@dataclass(frozen=True)
class Outcome:
    """How a sync went.

    Attributes
    ----------
    problem
        Why the last known good stays in force; "" if the new is in force.
    """

    change: Change
    problem: str = ""


class Membership:
    """The memberships of an installation.

    Parameters
    ----------
    settings
        Names the sources and the file.
    accounts
        Those whose membership is asked for.
    """

    def __init__(self, settings: Settings, accounts: Accounts) -> None:
        self._settings, self._accounts = settings, accounts
        self._file = settings.state / "members.json"

    def entries(self) -> Entries:
        """Return what is in force: what was kept last, else what the sources say now.

        Raises
        ------
        MembersInvalid
            Nothing was kept yet and the sources are not clear.
        """
        kept = self.kept()
        return self._asked() if kept is None else kept

    def kept(self) -> Entries | None:
        """Return what was in force last; None where nothing was kept yet."""
        try:
            content = json.loads(self._file.read_text())
        except FileNotFoundError:
            return None
        return {i: Entry.model_validate_json(json.dumps(e)) for i, e in content.items()}

    def sync(self, *, accept: bool = False, dry: bool = False) -> Outcome:
        """Ask the sources, and put in force what they say.

        Parameters
        ----------
        accept
            An operator has looked: also a loss of very many is put in force.
        dry
            Nothing is changed.
        """
        with self._writing():
            before = self.kept()
            try:
                entries = self._asked()
            except MembersInvalid as error:
                nothing = Change(frozenset(), frozenset(), 0)
                return self._alarm(Outcome(nothing, str(error)), dry)
            change = self._change(before or {}, entries)
            share = self._settings.revocation_alarm
            if before is not None and not accept and change.is_alarming(share):
                problem = (
                    f"The sources would take {len(change.removed)} of "
                    f"{change.before} memberships at once. Nothing was changed. Look "
                    "with daisy-hub sync --dry-run; daisy-hub sync --accept goes on."
                )
                return self._alarm(Outcome(change, problem), dry)
            if not dry:
                self._keep(before, entries)
            return Outcome(change)

    def problem(self) -> str:
        """Say why the last sync was not put in force; "" if it was."""
        try:
            return self._alarm_file.read_text()
        except FileNotFoundError:
            return ""

    @property
    def age(self) -> float:
        """Seconds since the sources were last understood."""
        try:
            return time.time() - self._file.stat().st_mtime
        except FileNotFoundError:
            return float("inf")

    def _asked(self) -> Entries:
        return read_all(self._settings, self._accounts.names())

    def _keep(self, before: Entries | None, entries: Entries) -> None:
        if entries != before:
            content = {
                i: e.model_dump(mode="json", by_alias=True, exclude_defaults=True)
                for i, e in entries.items()
            }
            write_atomically(self._file, json.dumps(content, indent=1))
        else:
            self._file.touch()
        self._alarm_file.unlink(missing_ok=True)

    def _alarm(self, outcome: Outcome, dry: bool) -> Outcome:
        """Write down once why nothing was put in force."""
        if not dry and outcome.problem != self.problem():
            write_atomically(self._alarm_file, outcome.problem)
            audit.record(
                self._settings, "members.alarm", actor="sync", reason=outcome.problem
            )
        return outcome

    def _change(self, before: Entries, after: Entries) -> Change:
        old, new = self._pairs(before), self._pairs(after)
        return Change(frozenset(new - old), frozenset(old - new), len(old))

    def _pairs(self, entries: Entries) -> set[tuple[str, str]]:
        """List (account, proposal) of the accounts that there are.

        Days do not count: what ends by its day was meant to end.
        """
        known = {a.name: a for a in self._accounts.all()}
        by_group = names_by_group(known.values())
        return {
            (name, identifier)
            for identifier, entry in entries.items()
            for name in entry.concerned(by_group) & known.keys()
        }

    @property
    def _alarm_file(self) -> Path:
        return self._file.with_suffix(".alarm")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

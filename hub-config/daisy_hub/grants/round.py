"""One look: what do the sources say, who gained, who lost, and put that in force."""

import time
from collections.abc import Iterator

from daisy_hub import audit
from daisy_hub.grants.ending import end_account, forget_caches
from daisy_hub.grants.granted import (
    EVERYBODY,
    Grant,
    Granted,
    GrantedFile,
    changes,
    granted,
)
from daisy_hub.homes import accounts_of, view_of
from daisy_hub.proposals import (
    Membership,
    Person,
    Proposal,
    all_proposals,
    keep_seen,
    person_of,
)
from daisy_hub.settings import Settings
from daisy_hub.views import may_make_views, views_below
from daisy_hub.views.modes import prepare
from daisy_hub.views.wanted import wanted

ACTOR = "grants"


class Round:
    """One look at everything.

    Parameters
    ----------
    settings
        Of the installation.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._accounts = accounts_of(settings)
        self._file = GrantedFile(settings.state / "grants.json")

    def run(self) -> Iterator[str]:
        """Put in force what is said; yields a sentence for each change and problem.

        Whoever lost something is ended before anything else is done. The record is
        written last: a look that was killed is made again.
        """
        started = time.monotonic()
        outcome = Membership(self._settings, self._accounts).sync()
        if outcome.problem:
            yield f"The last known memberships stay in force: {outcome.problem}"
        people = {a.name: person_of(a) for a in self._accounts.all()}
        proposals = all_proposals(self._settings, self._accounts)
        before, after = self._file.read(), granted(people, proposals)
        found = list(changes(before, after))
        seen = _seen(after, proposals)
        losers = {
            account: proposal
            for account, proposal, was, now in found
            if now.takes_from(was) and account != EVERYBODY
        }
        with_views = self._with_views()
        for name in sorted(with_views - people.keys() | losers.keys()):
            yield from self._show(people.get(name), name, seen)
            yield self._end(name, losers.get(name, "the account"))
        changed = {proposal for _, proposal, _, _ in found}
        yield from prepare(
            self._settings,
            self._accounts,
            [p for p in proposals if p.identifier in changed and _has_team(p, people)],
        )
        for name in sorted(with_views & people.keys() - losers.keys()):
            yield from self._show(people[name], name, seen)
        for account, proposal, was, now in found:
            yield self._note(account, proposal, was, now)
        if found:
            self._file.write(after)
            yield f"This look took {time.monotonic() - started:.1f} s."
        # last: a full disk must not keep a revocation from being put in force
        keep_seen(self._settings, proposals)

    def _with_views(self) -> set[str]:
        """Name the accounts that have a view, which is made when a server starts."""
        return views_below(self._settings.views) if may_make_views() else set()

    def _show(
        self, person: Person | None, name: str, seen: dict[str, list[Proposal]]
    ) -> Iterator[str]:
        """Bring a view to what its account may see; that of nobody to nothing."""
        view = view_of(self._settings, name)
        if not may_make_views() or not view.is_there:
            return
        if person is None:
            view.end()
            return
        proposals = [*seen.get(name, []), *seen.get(EVERYBODY, [])]
        yield from view.show(wanted(self._settings, person, proposals))

    def _end(self, name: str, what: str) -> str:
        count = end_account(self._settings, name)
        if name in self._accounts.names():
            forget_caches(self._settings, name)
        audit.record(
            self._settings, "account.ended", actor=ACTOR, account=name,
            reason=f"lost {what}", processes=count,
        )  # fmt: skip
        return f"{count} processes of {name} were ended, who lost {what}."

    def _note(self, account: str, proposal: str, was: Grant, now: Grant) -> str:
        event = _event(was, now)
        audit.record(
            self._settings, event, actor=ACTOR, account=account, proposal=proposal,
            raw=now.raw, processed=now.processed,
        )  # fmt: skip
        areas = f"raw: {now.raw or 'no'}, processed: {now.processed or 'no'}"
        return f"{event}: {account} {proposal} ({areas})"


def _seen(found: Granted, proposals: tuple[Proposal, ...]) -> dict[str, list[Proposal]]:
    """List the proposals that each account sees something of."""
    by_name = {p.identifier: p for p in proposals}
    seen: dict[str, list[Proposal]] = {}
    for account, proposal in found:
        seen.setdefault(account, []).append(by_name[proposal])
    return seen


def _has_team(proposal: Proposal, people: dict[str, Person]) -> bool:
    return any(proposal.includes(person) for person in people.values())


def _event(was: Grant, now: Grant) -> str:
    if not now.is_any:
        return "grant.removed"
    return "grant.changed" if was.is_any else "grant.added"

"""Puts in force what a provider says of somebody, where it is sure that it means it."""

import time
from threading import Lock

from daisy_hub import audit
from daisy_hub.accounts import Account, Accounts
from daisy_hub.identity.alarm import set_provider_alarm
from daisy_hub.identity.claims import Person
from daisy_hub.identity.emptied import Emptied
from daisy_hub.identity.options import OidcOptions
from daisy_hub.settings import Settings

ALONE_ROUNDS = 10  # answers without groups, if nobody else is asked for
MANY = 2  # people who have lost everything, and nobody who has not, are an alarm


class Vouched:
    """What a provider vouches for, and of whom it is doubted that it says nothing.

    Parameters
    ----------
    options
        Of the provider.
    """

    def __init__(self, options: OidcOptions) -> None:
        self._options = options
        self._emptied = Emptied(
            alone_seconds=ALONE_ROUNDS * options.refresh_seconds,
            longest_seconds=3600 * options.unconfirmed_hours,
        )
        self._lock = Lock()  # a login comes from another thread than the looks do

    def put_in_force(
        self, settings: Settings, accounts: Accounts, account: Account, person: Person
    ) -> Account:
        """Bring an account to what is said now; in doubt it keeps what it has."""
        with self._lock:
            doubted = self._doubts(account, person, now := time.monotonic())
            self._tell(settings, self._emptied.doubted(now))
        return account if doubted else _changed(settings, accounts, account, person)

    def _doubts(self, account: Account, person: Person, now: float) -> bool:
        """Note an answer; say whether it takes everything, and may be a mistake."""
        loses_all = _anything(account) and not _anything(person)
        if not loses_all:
            if _anything(person):
                self._emptied.heard_of(account.name, groups=True, now=now)
            return False
        self._emptied.heard_of(account.name, groups=False, now=now)
        if not self._emptied.is_believed(account.name, now):
            return True
        self._emptied.forget(account.name)
        return False

    def _tell(self, settings: Settings, names: list[str]) -> None:
        """Raise an alarm where the provider gives groups to nobody, or end it."""
        options = self._options
        text = (
            f"{options.provider_name} gives no groups or roles to {', '.join(names)}, "
            "who had some, and to nobody who was asked for since. They keep what they "
            "had; each is believed when somebody else is given groups, or after "
            f"{options.unconfirmed_hours:g} hours. Look at the claim "
            f"{options.groups_claim} of the provider; to end an account at once: "
            "daisy-hub disable"
        )
        set_provider_alarm(settings, text if len(names) >= MANY else "")


def _anything(known: Account | Person) -> bool:
    return bool(known.groups or known.roles)


def _changed(
    settings: Settings, accounts: Accounts, account: Account, person: Person
) -> Account:
    """Store what is said, and note what has changed."""
    groups, roles = person.groups, person.roles
    if (account.groups, account.roles, account.unconfirmed) == (groups, roles, None):
        return account
    if account.roles != roles:
        audit.record(settings, "role.changed", actor="provider", account=account.name,
                     before=account.roles, after=roles)  # fmt: skip
    if account.groups != groups:
        audit.record(settings, "groups.changed", actor="provider",
                     account=account.name, before=account.groups,
                     after=groups)  # fmt: skip
    return accounts.change(
        account.name, groups=list(groups), roles=list(roles), unconfirmed=None
    )

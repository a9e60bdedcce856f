"""Whether an account may be here: one answer for pages, tokens, servers, clusters."""

import time
from datetime import date

from daisy_hub.accounts import Account
from daisy_hub.homes import accounts_of
from daisy_hub.identity.claims import admitted
from daisy_hub.settings import Settings


def why_ended(account: Account, settings: Settings) -> str | None:
    """Say in a sentence why an account may not be here; None where it may."""
    if account.disabled is not None:
        reason = account.disabled.rstrip(". ")
        return f"The account {account.name} is disabled: {reason}."
    if account.until is not None and date.today() >= account.until:
        return f"The account {account.name} ended on {account.until}."
    if account.subject is None:
        if settings.oidc is not None and settings.identity == "oidc":
            return f"{account.name} is a local account; this hub uses none."
        return None
    return _why_not_confirmed(account, settings)


def why_name_ended(name: str, settings: Settings) -> str | None:
    """Say the same of a name that may have no account any more."""
    account = accounts_of(settings).find(name)
    if account is None:
        return f"There is no account {name} any more."
    return why_ended(account, settings)


def _why_not_confirmed(account: Account, settings: Settings) -> str | None:
    options = settings.oidc
    if options is None or settings.identity != "oidc":
        return f"{account.name} logs in with a provider that this hub does not use."
    if not admitted(account.groups, account.roles, options):
        return f"{account.name} is in none of the groups that may use this hub."
    if account.unconfirmed is not None:
        hours = (time.time() - account.unconfirmed) / 3600
        if hours >= options.unconfirmed_hours:
            return (
                f"{options.provider_name} has not confirmed {account.name} for "
                f"{hours:.0f} hours."
            )
    return None

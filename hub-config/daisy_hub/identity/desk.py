"""What an operator does to accounts at a shell; every change is in the audit log."""

from datetime import date

from daisy_hub import audit
from daisy_hub.accounts import AccountError
from daisy_hub.homes import accounts_of
from daisy_hub.identity.roles import USER, checked
from daisy_hub.settings import Settings


def add(settings: Settings, name: str, password: str, until: date | None) -> None:
    """Make a local account.

    Raises
    ------
    AccountError
        The name or password cannot be used, or this hub has no local accounts.
    """
    if settings.identity == "oidc":
        raise AccountError(
            "This hub takes accounts from a provider: they are made at the first login."
        )
    account = accounts_of(settings).add(name, password, until)
    _record(settings, "account.made", name, uid=account.uid, until=until)


def remove(settings: Settings, name: str) -> None:
    """Remove an account for good.

    Raises
    ------
    AccountError
        There is none.
    """
    accounts_of(settings).remove(name)
    _record(settings, "account.removed", name)


def disable(settings: Settings, name: str, reason: str) -> None:
    """Shut an account.

    Raises
    ------
    AccountError
        There is none.
    """
    accounts_of(settings).change(name, disabled=reason)
    _record(settings, "account.disabled", name, reason=reason)


def enable(settings: Settings, name: str) -> None:
    """Open an account that was shut.

    Raises
    ------
    AccountError
        There is none.
    """
    accounts_of(settings).change(name, disabled=None)
    _record(settings, "account.enabled", name)


def change_roles(
    settings: Settings, name: str, added: set[str], removed: set[str]
) -> tuple[str, ...]:
    """Give and take roles; return all that the account has then.

    Raises
    ------
    AccountError
        There is no such account, or its roles are the provider's.
    RoleUnknown
    """
    accounts = accounts_of(settings)
    account = accounts.get(name)
    if account.subject is not None and (added or removed):
        raise AccountError(
            f"The roles of {name} follow from groups at the provider: see [oidc.roles] "
            "in the settings."
        )
    given = {checked(role) for role in added} - {USER}
    roles = sorted((set(account.roles) | given) - {checked(role) for role in removed})
    if tuple(roles) != account.roles:
        accounts.change(name, roles=roles)
        _record(settings, "role.changed", name, before=account.roles, after=roles)
    return (USER, *roles)


def _record(settings: Settings, event: str, name: str, **details: object) -> None:
    actor = audit.at_a_shell()
    audit.record(settings, event, actor=actor, account=name, **details)

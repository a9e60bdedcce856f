"""What a provider says about somebody, read into the words of the hub."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daisy_hub.accounts import NAME, RESERVED
from daisy_hub.identity.options import OidcOptions
from daisy_hub.identity.roles import is_role

FIRST_REAL_UID = 1000  # below are the system's own, root among them
TO_HYPHEN = str.maketrans("._@ ", "----")


class ClaimInvalid(Exception):
    """A claim is missing or cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Person:
    """Somebody whom the provider has confirmed.

    Attributes
    ----------
    subject
        Issuer and the provider's own, never reused, name: who it is.
    called
        The name at the provider now; that of a new account is made of it.
    uid
        The real uid, where the provider is asked for it.
    """

    subject: str
    called: object
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    uid: int | None


def person_of(claims: Mapping[str, Any], options: OidcOptions) -> Person:
    """Read the claims.

    Raises
    ------
    ClaimInvalid
    """
    groups = _texts(claims, options.groups_claim)
    return Person(
        subject=_subject(claims, options),
        called=_claim(claims, options.username_claim),
        groups=groups,
        roles=roles_of(groups, _texts(claims, options.roles_claim), options),
        uid=_uid(claims, options) if options.uid_claim else None,
    )


def account_name(person: Person, options: OidcOptions) -> str:
    """Make a name for an account: lower case, with - for . _ @ and blanks.

    Raises
    ------
    ClaimInvalid
        That is still no account name.
    """
    claim, value = options.username_claim, person.called
    if not isinstance(value, str) or not value:
        raise ClaimInvalid(f"The provider gives no claim {claim}: no name.")
    name = value.strip().lower().translate(TO_HYPHEN)
    if not NAME.fullmatch(name) or name in RESERVED:
        raise ClaimInvalid(
            f"The claim {claim} is {value!r}, which cannot be an account name: up to "
            "31 characters of a-z, 0-9 and -, starting with a letter."
        )
    return name


def roles_of(
    groups: tuple[str, ...], named: tuple[str, ...], options: OidcOptions
) -> tuple[str, ...]:
    """Give the roles that follow from groups, and those that a claim names itself."""
    mapped = {options.roles[group] for group in groups if group in options.roles}
    return tuple(sorted(mapped | {role for role in named if is_role(role)}))


def admitted(
    groups: tuple[str, ...], roles: tuple[str, ...], options: OidcOptions
) -> bool:
    """Whether somebody with these groups and roles may use the hub."""
    return bool(roles) or not set(groups).isdisjoint(options.allowed_groups)


def _subject(claims: Mapping[str, Any], options: OidcOptions) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise ClaimInvalid("The provider gives no claim sub, which says who it is.")
    return f"{options.issuer} {subject}"


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim by its name, or by a path with dots; None where it is missing."""
    if path in claims:  # names may have dots themselves, as addresses do
        return claims[path]
    value: Any = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _texts(claims: Mapping[str, Any], path: str) -> tuple[str, ...]:
    value = _claim(claims, path) if path else None
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return tuple(sorted(set(value)))
    raise ClaimInvalid(f"The claim {path} is no list of names: {str(value)[:80]}")


def _uid(claims: Mapping[str, Any], options: OidcOptions) -> int:
    value = _claim(claims, options.uid_claim)
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdigit():
        raise ClaimInvalid(f"The claim {options.uid_claim} is no uid: {text[:80]!r}")
    if int(text) < FIRST_REAL_UID or int(text) >= 2**31:
        raise ClaimInvalid(
            f"The claim {options.uid_claim} is {text}; a person's uid is "
            f"{FIRST_REAL_UID} or more."
        )
    return int(text)

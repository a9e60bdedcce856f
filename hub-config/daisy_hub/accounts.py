"""Accounts: a name, a uid of its own, and a password or the subject at a provider.

Requirements: no password is stored or logged; a uid or a name is never given twice,
also not after its account is gone (its files may still be there); what a provider
calls somebody is no proof, its subject is; the file is replaced in one step, by one
writer at a time.
"""

import fcntl
import json
import pwd
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from daisy_hub.files import write_atomically

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
PASSWORD_MIN_LENGTH = 8
# names that every sandbox's own list of users has already
RESERVED = {"root", "nobody", "nogroup"}

# verified when there is no such account, so that the answer takes as long
_DUMMY_HASH = PasswordHasher().hash(secrets.token_hex(16))


class AccountError(Exception):
    """An account that cannot be made, found or changed."""


@dataclass(frozen=True)
class Account:
    """One person who may log in.

    Attributes
    ----------
    groups
        Those of the provider, as of the last time it was asked.
    roles
        `user`, `support`, `operator`, `staff:<beamline>`; everybody is a user.
    until
        The day from which the account is refused.
    subject
        Issuer and subject at the provider; None for a local account.
    disabled
        Why an operator has shut it; None where it is open.
    unconfirmed
        Since when the provider does not confirm it, in seconds since 1970.
    """

    name: str
    uid: int
    password_hash: str | None = field(default=None, repr=False)
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    until: date | None = None
    subject: str | None = None
    disabled: str | None = None
    unconfirmed: float | None = None

    @property
    def gid(self) -> int:
        """Each account has a private group of the same number."""
        return self.uid


class Accounts:
    """The accounts of an installation, and the group number of each proposal."""

    def __init__(self, path: Path, first_uid: int, first_gid: int) -> None:
        self.path = path
        self.first_uid = first_uid
        self.first_gid = first_gid
        self._hasher = PasswordHasher()

    def names(self) -> tuple[str, ...]:
        """Names of all accounts, oldest first."""
        return tuple(self._load()["accounts"])

    def get(self, name: str) -> Account:
        """Return an account, or raise `AccountError` that names those there are."""
        accounts = self._load()["accounts"]
        if name not in accounts:
            raise AccountError(_unknown(name, accounts))
        return _account(name, accounts[name])

    def find(self, name: str) -> Account | None:
        """Return an account, or None."""
        entry = self._load()["accounts"].get(name)
        return None if entry is None else _account(name, entry)

    def all(self) -> tuple[Account, ...]:
        """Return all accounts, oldest first."""
        accounts = self._load()["accounts"]
        return tuple(_account(name, entry) for name, entry in accounts.items())

    def removed(self) -> tuple[str, ...]:
        """Names of accounts that are gone; they are not given again."""
        return tuple(self._load()["removed"])

    def add(self, name: str, password: str, until: date | None = None) -> Account:
        """Make a local account; the name must be new."""
        if not NAME.fullmatch(name) or name in RESERVED:
            raise AccountError(
                f"{name!r} cannot be an account name: use up to 31 characters of "
                "a-z, 0-9 and -, starting with a letter."
            )
        hashed = self._hash(password)
        with self._changing() as content:
            _make(content, name, None, password_hash=hashed, until=_text(until))
        return self.get(name)

    def adopt(self, subject: str, name: str, uid: int | None = None) -> Account:
        """Return the account of a provider's subject; make it at the first login.

        Whoever is renamed keeps the account, and a name that somebody else had is not
        given. *uid* is the real one, where the facility has it.

        Raises
        ------
        AccountError
            The name belongs to somebody else, or the uid is another one.
        """
        with self._changing() as content:
            known = _name_of(content, subject)
            if known is None:
                _make(content, name, uid, subject=subject)
            elif uid is not None and content["accounts"][known]["uid"] != uid:
                raise AccountError(
                    f"The account {known} has the uid "
                    f"{content['accounts'][known]['uid']}; the provider says {uid}."
                )
        return self.get(known or name)

    def name_of(self, subject: str) -> str | None:
        """Name the account of a provider's subject; None where there is none yet.

        Raises
        ------
        AccountError
            There was one, and it was removed.
        """
        return _name_of(self._load(), subject)

    def change(self, name: str, **values: Any) -> Account:
        """Replace fields of an account; say what it is now."""
        with self._changing() as content:
            if name not in content["accounts"]:
                raise AccountError(_unknown(name, content["accounts"]))
            content["accounts"][name].update(values)
        return self.get(name)

    def remove(self, name: str) -> None:
        """End an account for good; its uid, name and subject are not given again."""
        with self._changing() as content:
            if name not in content["accounts"]:
                raise AccountError(_unknown(name, content["accounts"]))
            gone = content["accounts"].pop(name)
            content["removed"][name] = {k: gone.get(k) for k in ("uid", "subject")}

    def set_password(self, name: str, password: str) -> None:
        """Give a local account another password."""
        if self.get(name).subject is not None:
            raise AccountError(f"{name} logs in with a provider and has no password.")
        self.change(name, password_hash=self._hash(password))

    def verify(self, name: str, password: str) -> bool:
        """Whether this is the account's password (same time for an unknown name)."""
        accounts = self._load()["accounts"]
        known = accounts.get(name, {}).get("password_hash")
        try:
            self._hasher.verify(known or _DUMMY_HASH, password)
        except (VerificationError, InvalidHashError):
            return False
        return known is not None

    def proposal_gid(self, proposal: str) -> int:
        """Return the group number of a proposal, given on first use and kept."""
        gid = self._load()["proposal_gids"].get(proposal)
        if gid is None:
            with self._changing() as content:
                gids = content["proposal_gids"]
                gid = gids.setdefault(proposal, self.first_gid + len(gids))
        return int(gid)

    def _hash(self, password: str) -> str:
        if len(password) < PASSWORD_MIN_LENGTH:
            raise AccountError(
                f"A password needs {PASSWORD_MIN_LENGTH} characters or more; "
                f"this one has {len(password)}."
            )
        return self._hasher.hash(password)

    def _load(self) -> dict[str, Any]:
        content: dict[str, Any]
        if not self.path.exists():
            content = {"next_uid": self.first_uid}
        else:
            content = json.loads(self.path.read_text())
        # "removed" is missing in files of earlier versions
        return {"accounts": {}, "removed": {}, "proposal_gids": {}, **content}

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            content = self._load()
            yield content
            write_atomically(self.path, json.dumps(content, indent=1))


def names_by_group(accounts: Iterable[Account]) -> dict[str, set[str]]:
    """Return the names of the accounts that are in each group."""
    found: dict[str, set[str]] = {}
    for account in accounts:
        for group in account.groups:
            found.setdefault(group, set()).add(account.name)
    return found


def generate_password() -> str:
    """Return a password of 72 random bits that can be read aloud."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(3))
    return "-".join(groups)


def _account(name: str, entry: dict[str, Any]) -> Account:
    """Read an entry of the file; those of earlier versions have two fields."""
    lists = {key: tuple(entry.get(key, ())) for key in ("groups", "roles")}
    until = entry.get("until")
    ends = date.fromisoformat(until) if until else None
    return Account(name=name, **{**entry, **lists, "until": ends})


def _make(
    content: dict[str, Any], name: str, uid: int | None, **fields: str | None
) -> None:
    """Put a new account into the content of the file."""
    if name in content["accounts"]:
        raise AccountError(f"There is an account {name!r} already.")
    if name in content["removed"]:
        raise AccountError(
            f"There was an account {name!r}, and its files may still be there. Names "
            "are not given again: choose another one."
        )
    if uid is None:
        uid = _next_free(content["next_uid"], _uids(content))
        content["next_uid"] = uid + 1
    elif uid in _uids(content):
        raise AccountError(f"The uid {uid} belongs to another account.")
    given = {key: value for key, value in fields.items() if value is not None}
    content["accounts"][name] = {"uid": uid, **given}


def _uids(content: dict[str, Any]) -> set[int]:
    """Return the uids of all accounts that there are or were."""
    entries = (*content["accounts"].values(), *content["removed"].values())
    return {entry["uid"] for entry in entries}


def _name_of(content: dict[str, Any], subject: str) -> str | None:
    """Name the account of a subject; whoever was removed has none again."""
    for name, entry in content["removed"].items():
        if entry["subject"] == subject:
            raise AccountError(f"The account {name} was removed by an operator.")
    found = (n for n, e in content["accounts"].items() if e.get("subject") == subject)
    return next(found, None)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _unknown(name: str, accounts: dict[str, Any]) -> str:
    known = ", ".join(accounts) or "none yet"
    return f"There is no account {name!r}. There are: {known}."


def _next_free(uid: int, taken: set[int]) -> int:
    """Skip uids of accounts, and those of the machine's own user list."""
    while uid in taken or _is_known(uid):
        uid += 1
    return uid


def _is_known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True

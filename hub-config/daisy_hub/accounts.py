"""Local accounts: a name, a hashed password, a uid of its own.

Requirements: no password is stored or logged; a uid is never given twice, also
not after its account is gone (its files may still be there); the file is
replaced in one step, by one writer at a time.
"""

import fcntl
import json
import pwd
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from daisy_hub.files import write_atomically

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
PASSWORD_MIN_LENGTH = 8

# verified when there is no such account, so that the answer takes as long
_DUMMY_HASH = PasswordHasher().hash(secrets.token_hex(16))


class AccountError(Exception):
    """An account that cannot be made, found or changed."""


@dataclass(frozen=True)
class Account:
    """One person who may log in."""

    name: str
    uid: int
    password_hash: str = field(repr=False)
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

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

    def all(self) -> tuple[Account, ...]:
        """Return all accounts, oldest first."""
        accounts = self._load()["accounts"]
        return tuple(Account(name=name, **entry) for name, entry in accounts.items())

    def get(self, name: str) -> Account:
        """Return an account, or raise `AccountError` that names those there are."""
        accounts = self._load()["accounts"]
        if name not in accounts:
            known = ", ".join(accounts) or "none yet"
            raise AccountError(f"There is no account {name!r}. There are: {known}.")
        return Account(name=name, **accounts[name])

    def add(self, name: str, password: str) -> Account:
        """Make an account; the name must be new."""
        if not NAME.fullmatch(name):
            raise AccountError(
                f"{name!r} cannot be an account name: use up to 31 characters of "
                "a-z, 0-9 and -, starting with a letter."
            )
        hashed = self._hash(password)
        with self._changing() as content:
            if name in content["accounts"]:
                raise AccountError(f"There is an account {name!r} already.")
            uid = _next_free(content["next_uid"])
            content["next_uid"] = uid + 1
            content["accounts"][name] = {"uid": uid, "password_hash": hashed}
        return self.get(name)

    def set_password(self, name: str, password: str) -> None:
        """Give an account another password."""
        self.get(name)
        hashed = self._hash(password)
        with self._changing() as content:
            content["accounts"][name]["password_hash"] = hashed

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
        if not self.path.exists():
            return {"accounts": {}, "next_uid": self.first_uid, "proposal_gids": {}}
        content: dict[str, Any] = json.loads(self.path.read_text())
        return content

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


def _next_free(uid: int) -> int:
    """Skip uids that the machine's own user list gives to somebody else."""
    while True:
        try:
            pwd.getpwuid(uid)
        except KeyError:
            return uid
        uid += 1

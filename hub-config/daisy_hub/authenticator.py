"""Login with the local accounts, each with its own hashed password."""

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator

from daisy_hub.homes import accounts_of
from daisy_hub.settings import load


class LocalAccounts(Authenticator):
    """Check a name and a password against the accounts file."""

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Return the account's name, or None where name or password are wrong."""
        accounts = accounts_of(load())
        name = data["username"]
        # hashing takes 50 ms of a core on purpose: not on the hub's loop
        right = await asyncio.to_thread(accounts.verify, name, data["password"])
        return name if right else None

    async def refresh_user(self, user: Any, handler: Any = None) -> bool:
        """Whether a session goes on: not when its account is no longer in the file."""
        return user.name in accounts_of(load()).names()

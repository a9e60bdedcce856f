"""Login with an account of this hub, by a name and a password."""

import asyncio
from typing import Any

from tornado.web import HTTPError

from daisy_hub.accounts import Accounts
from daisy_hub.homes import accounts_of
from daisy_hub.identity.authenticator import DaisyAuthenticator, note
from daisy_hub.identity.refusal import LoginRefused
from daisy_hub.settings import load


class LocalAccounts(DaisyAuthenticator):
    """Check a name and a password against the accounts file."""

    async def authenticate(self, handler: Any, data: dict[str, str]) -> Any:
        """Return whom the hub logs in, or None where name or password are wrong."""
        settings = load()
        accounts = accounts_of(settings)
        name = data["username"]
        # hashing takes 50 ms of a core on purpose: not on the hub's loop
        if not await asyncio.to_thread(accounts.verify, name, data["password"]):
            reason = "name or password is wrong"
            note(settings, "login.refused", handler, _known(accounts, name),
                 reason=reason)  # fmt: skip
            return None
        try:
            return self.admit(accounts.get(name), handler)
        except LoginRefused as refused:
            note(settings, "login.refused", handler, name, reason=refused.reason)
            ask = f"Ask {settings.contact}."
            raise HTTPError(403, f"{refused.reason} {ask}") from refused


def _known(accounts: Accounts, name: str) -> str:
    """Return a name for the audit log: what is no account may be a password."""
    return name if name in accounts.names() else "no such account"

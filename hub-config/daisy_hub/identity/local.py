"""Login with an account of this hub, by a name and a password."""

import asyncio
import time
from typing import Any

from tornado.web import HTTPError

from daisy_hub.accounts import Accounts
from daisy_hub.homes import accounts_of
from daisy_hub.identity.authenticator import DaisyAuthenticator, note
from daisy_hub.identity.guesses import Guesses
from daisy_hub.identity.refusal import LoginRefused
from daisy_hub.settings import load

TOO_MANY_REQUESTS = 429


class LocalAccounts(DaisyAuthenticator):
    """Check a name and a password against the accounts file."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._guesses = Guesses()

    async def authenticate(self, handler: Any, data: dict[str, str]) -> Any:
        """Return whom the hub logs in, or None where name or password are wrong."""
        settings = load()
        accounts = accounts_of(settings)
        name, address = data["username"], _address(handler)
        if held := self._guesses.begin(name, address, time.monotonic()):
            if held.first:
                note(settings, "login.refused", handler, _known(accounts, name),
                     reason="too many wrong passwords")  # fmt: skip
            raise HTTPError(
                TOO_MANY_REQUESTS,
                f"Too many wrong passwords. Try again in {held.seconds} s; where you "
                f"have forgotten yours, {settings.contact} gives you a new one.",
            )
        # hashing takes 50 ms of a core on purpose: not on the hub's loop
        if not await asyncio.to_thread(accounts.verify, name, data["password"]):
            reason = "name or password is wrong"
            note(settings, "login.refused", handler, _known(accounts, name),
                 reason=reason)  # fmt: skip
            return None
        self._guesses.was_right(name, address, time.monotonic())
        try:
            return self.admit(accounts.get(name), handler)
        except LoginRefused as refused:
            note(settings, "login.refused", handler, name, reason=refused.reason)
            ask = f"Ask {settings.contact}."
            raise HTTPError(403, f"{refused.reason} {ask}") from refused


def _address(handler: Any) -> str:
    return "" if handler is None else str(handler.request.remote_ip)


def _known(accounts: Accounts, name: str) -> str:
    """Return a name for the audit log: what is no account may be a password."""
    return name if name in accounts.names() else "no such account"

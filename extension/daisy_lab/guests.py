"""Who comes to this server without being its owner: support, to look and no more.

The hub lets them come while the owner agrees. Here it is looked at again with every
request, so that it ends at once; and whatever would change or run something is refused
before any handler sees it, whichever extension it belongs to.
"""

import inspect
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tornado.web import HTTPError

from daisy_lab import consents
from daisy_lab.consents import Consent, ConsentUnknown

log = logging.getLogger(__name__)

LOOKING = frozenset({"GET", "HEAD"})
KEPT = 5.0  # seconds for which the hub's answer holds
HERE = 120.0  # seconds after the last request in which somebody counts as present

GetUser = Callable[[Any], Any]


class Guests:
    """Lets the owner in, and others to look as far as the owner agrees.

    Parameters
    ----------
    owner
        Name of the account whose server this is.
    """

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._known: Consent | None = None
        self._asked_at = 0.0
        self._seen: dict[str, float] = {}

    def here(self) -> list[str]:
        """Name the guests who look just now."""
        now = time.monotonic()
        return sorted(n for n, at in self._seen.items() if now - at < HERE)

    async def consent(self) -> Consent:
        """Return the owner's consent, a few seconds old at most.

        Raises
        ------
        ConsentUnknown
        """
        if self._known is None or time.monotonic() - self._asked_at > KEPT:
            self.take(await consents.consent())
        if self._known is None:
            raise ConsentUnknown("The hub has said nothing yet.")
        return self._known

    def take(self, found: Consent) -> None:
        """Take note of what the hub has answered."""
        self._known, self._asked_at = found, time.monotonic()

    def guard(self, get_user: GetUser) -> Callable[[Any], Awaitable[Any]]:
        """Wrap the server's question of who comes: every request asks it."""

        async def guarded(handler: Any) -> Any:
            user = get_user(handler)
            if inspect.isawaitable(user):
                user = await user
            if user is not None and user.username != self.owner:
                # an error's page asks who it is for
                handler.current_user = None
                await self._admit(user.username, handler.request)
            return user

        return guarded

    async def _admit(self, name: str, request: Any) -> None:
        """Let a guest look.

        Raises
        ------
        HTTPError
            403 where the owner does not agree, or where it is no look.
        """
        try:
            found = await self.consent()
        except ConsentUnknown as unknown:
            raise HTTPError(403, f"Nobody else may come now: {unknown}") from unknown
        if name not in found.who or not found.until or found.until <= time.time():
            raise HTTPError(403, f"{self.owner} lets nobody look into this server now.")
        is_socket = "upgrade" in request.headers.get("Connection", "").lower()
        if request.method not in LOOKING or is_socket:
            raise HTTPError(
                403,
                f"This is {self.owner}'s server: you may look, change and run nothing.",
            )
        if name not in self.here():
            log.warning("%s looks into this server", name)
            self.take(await self._noted(name, found))
        self._seen[name] = time.monotonic()

    @staticmethod
    async def _noted(name: str, found: Consent) -> Consent:
        try:
            return await consents.note(name)
        except ConsentUnknown as unknown:
            log.warning("that %s looks was not written down: %s", name, unknown)
            return found

"""Route `consent`: the owner lets support look into this server."""

from collections.abc import Awaitable
from typing import Any

from tornado.web import HTTPError, authenticated

from daisy_lab import consents
from daisy_lab.consents import Consent, ConsentUnknown
from daisy_lab.guests import Guests
from daisy_lab.handlers.base import Handler, errors_in_one_place

REFUSED = 409


class ConsentHandler(Handler):
    """`consent`; POST {minutes} gives it, DELETE ends it. Guests may ask, too.

    {"available", "mine", "owner", "until", "here"}: not available without a hub; mine
    says that the owner asks; until is None without consent, else seconds since 1970;
    here are the guests who look just now.
    """

    @property
    def guests(self) -> Guests | None:
        """Return who watches over guests; None without a hub."""
        guests: Guests | None = self.settings["daisy_guests"]
        return guests

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Tell it."""
        guests = self.guests
        if guests is None:
            self.send({"available": False, "mine": True, "owner": "", "until": None,
                       "here": []})  # fmt: skip
            return
        await self._tell(guests, guests.consent())

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Give it."""
        minutes = (self.get_json_body() or {}).get("minutes")
        if type(minutes) is not int:
            raise HTTPError(400, "minutes is no count")
        await self._change(consents.give(minutes))

    @authenticated
    @errors_in_one_place
    async def delete(self) -> None:
        """End it."""
        await self._change(consents.end())

    async def _change(self, asked: Awaitable[Consent]) -> None:
        guests = self.guests
        if guests is None:
            raise HTTPError(400, "this is no server of a hub")
        await self._tell(guests, asked)

    async def _tell(self, guests: Guests, asked: Awaitable[Consent]) -> None:
        try:
            found = await asked
        except ConsentUnknown as unknown:
            self.fail(REFUSED, "ConsentUnknown", str(unknown))
            return
        guests.take(found)
        user: Any = self.current_user
        self.send({
            "available": True,
            "mine": user.username == guests.owner,
            "owner": guests.owner,
            "until": found.until,
            "here": guests.here(),
        })  # fmt: skip

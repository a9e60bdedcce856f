"""The service of an account's own choices: what it watches, and who may look.

`watches` lists, PUT and DELETE `watches/<proposal>` choose; `consent` lets support
look into the own server.

Whoever asks is known by the token of the own server. A choice is always the caller's
own: there is no way to name somebody else.
"""

import asyncio
import json
import logging
import os
from typing import Any
from urllib.parse import urlparse

from jupyterhub.services.auth import HubAuth, HubAuthenticated
from tornado.web import Application, HTTPError, RequestHandler, authenticated

from daisy_hub.settings import Settings, load
from daisy_hub.watching.choices import Choices
from daisy_hub.watching.hubapi import Hub
from daisy_hub.watching.keeper import Keeper, Refused
from daisy_hub.watching.parent import end_with_parent

FAILED = 500
TOKEN_SECONDS = 5  # a token that the hub has ended is refused after this time


class WatchesHandler(HubAuthenticated, RequestHandler):
    """`watches`: those of the proposals that the caller belongs to."""

    keeper: Keeper

    def initialize(self, keeper: Keeper, hub_auth: HubAuth) -> None:
        """Take what all requests share."""
        self.keeper, self.hub_auth = keeper, hub_auth

    def get_login_url(self) -> str:
        """Refuse who has no token: programs ask here, and none can log in."""
        raise HTTPError(403, reason="A token of a DAISY server is needed")

    @property
    def caller(self) -> str:
        """Name of the account whose token this is."""
        user: dict[str, Any] = self.current_user
        if user.get("kind") != "user":
            raise Refused(403, "Only an account can watch a proposal, no service.")
        return str(user["name"])

    @authenticated
    def get(self) -> None:
        """List."""
        self._tell()

    def _tell(self) -> None:
        self.finish(self.keeper.told(self.caller))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Write down errors; a refusal is an answer and none."""
        if not isinstance(value, Refused):
            super().log_exception(typ, value, tb)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer a refusal with its own status."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        status = error.status if isinstance(error, Refused) else status_code
        super().send_error(status, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the reason as JSON."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        message = error.message if isinstance(error, Refused) else self._reason
        if status_code >= FAILED and not isinstance(error, Refused):
            message = "The hub cannot say now who asks. Try again in a minute."
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"message": message}))


class ChoiceHandler(WatchesHandler):
    """`watches/<beamline>/<proposal>`: the caller's own choice."""

    @authenticated
    def put(self, proposal: str) -> None:
        """Have the caller's server kept for a proposal."""
        self._only_the_caller()
        self.keeper.choose(self.caller, proposal)
        self._tell()

    @authenticated
    def delete(self, proposal: str) -> None:
        """End that."""
        self._only_the_caller()
        self.keeper.end(self.caller, proposal)
        self._tell()

    def _only_the_caller(self) -> None:
        if self.request.query or self.request.body:
            raise Refused(
                400, "This request takes no more than a proposal: one chooses for "
                "oneself only."
            )  # fmt: skip


def application(keeper: Keeper, hub_auth: HubAuth, prefix: str) -> Application:
    """Make the routes below the prefix that the hub has given."""
    from daisy_hub.watching.consent import ConsentHandler

    shared = {"keeper": keeper, "hub_auth": hub_auth}
    name = "([^/]+/[^/]+)"  # compared with those that are there, never opened
    return Application(
        [
            (rf"{prefix}watches", WatchesHandler, shared),
            (rf"{prefix}watches/{name}", ChoiceHandler, shared),
            (rf"{prefix}consent", ConsentHandler, shared),
        ]
    )


async def serve(settings: Settings) -> None:
    """Answer and keep, until the hub ends."""
    end_with_parent()
    keeper = Keeper(settings, Choices(settings.watches_file), Hub.of_service())
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    hub_auth = HubAuth(cache_max_age=TOKEN_SECONDS)
    address = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
    port = address.port or 80
    application(keeper, hub_auth, prefix).listen(port, address.hostname)
    await keeper.run()


def main() -> None:
    """Run the service, as the hub starts it."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    # every look of every server is a line otherwise
    logging.getLogger("tornado.access").setLevel(logging.WARNING)
    asyncio.run(serve(load()))

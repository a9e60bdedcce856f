"""The two questions that the service asks the hub: is a server up, and start it."""

import json
import os
from dataclasses import dataclass
from typing import Literal

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

SECONDS = 60.0  # the hub answers a start after 10 s at the latest, also when busy
NOT_FOUND = 404

ServerState = Literal["up", "busy", "down", "nobody"]


class HubSilent(Exception):
    """The hub does not answer, or refuses; nothing is known."""


class StartRefused(Exception):
    """The hub could not start a server; the text is the hub's."""


@dataclass(frozen=True)
class Hub:
    """The hub's REST API, with the rights of this service.

    Parameters
    ----------
    url
        Address of the API.
    token
        The service's own, which may read and start servers and nothing else.
    """

    url: str
    token: str

    @classmethod
    def of_service(cls) -> "Hub":
        """Take address and token that the hub has given to its service."""
        return cls(os.environ["JUPYTERHUB_API_URL"], os.environ["JUPYTERHUB_API_TOKEN"])

    async def state(self, user: str) -> ServerState:
        """Say how a user's server is; "nobody" if the hub knows no such user.

        Raises
        ------
        HubSilent
        """
        try:
            model = json.loads(await self._ask("GET", f"users/{user}"))
        except HTTPClientError as error:
            if error.code == NOT_FOUND and _says_so(error):
                return "nobody"
            raise HubSilent(f"the hub answers {error}") from error
        server = model.get("servers", {}).get("")
        if server is None:
            return "down"
        if server["pending"]:
            return "busy"
        return "up" if server["ready"] else "down"

    async def start(self, user: str) -> None:
        """Start a user's server; it may be up only later.

        Raises
        ------
        HubSilent, StartRefused
        """
        try:
            await self._ask("POST", f"users/{user}/server")
        except HTTPClientError as error:
            raise StartRefused(_message(error)) from error

    async def _ask(self, method: str, path: str) -> bytes:
        request = HTTPRequest(
            f"{self.url}/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
            body=b"" if method == "POST" else None,
            request_timeout=SECONDS,
        )
        try:
            body: bytes = (await AsyncHTTPClient().fetch(request)).body
        except OSError as error:
            raise HubSilent(f"the hub does not answer: {error}") from error
        return body


def _says_so(error: HTTPClientError) -> bool:
    """Whether a refusal is the hub's own word and not that of something between."""
    body = error.response.body if error.response else b""
    try:
        return bool(json.loads(body).get("status") == error.code)
    except (ValueError, AttributeError):
        return False


def _message(error: HTTPClientError) -> str:
    body = error.response.body if error.response else b""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return str(error)

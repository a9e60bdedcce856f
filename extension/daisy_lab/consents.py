"""What the hub knows of the owner's consent that support may look into this server."""

import json
import os
from dataclasses import dataclass
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

URL = "DAISY_WATCHING_URL"
TOKEN = "JUPYTERHUB_API_TOKEN"
SECONDS = 10.0


class ConsentUnknown(Exception):
    """The hub does not answer, or refuses; the text says why."""


@dataclass(frozen=True)
class Consent:
    """The owner's consent.

    Attributes
    ----------
    until
        When it ends, in seconds since 1970; None where none is given.
    who
        The accounts that may look by it.
    """

    until: float | None
    who: tuple[str, ...]


def is_asked_here() -> bool:
    """Whether this is a server of a hub that keeps consents."""
    return bool(os.environ.get(URL) and os.environ.get(TOKEN))


async def consent() -> Consent:
    """Return what holds now.

    Raises
    ------
    ConsentUnknown
    """
    return await _ask("GET")


async def give(minutes: int) -> Consent:
    """Let support look for some minutes.

    Raises
    ------
    ConsentUnknown
    """
    return await _ask("PUT", {"minutes": minutes})


async def end() -> Consent:
    """Let nobody look any more.

    Raises
    ------
    ConsentUnknown
    """
    return await _ask("DELETE")


async def note(name: str) -> Consent:
    """Have it written down that somebody looks.

    Raises
    ------
    ConsentUnknown
    """
    return await _ask("POST", {"name": name})


async def _ask(method: str, body: Any = None) -> Consent:
    request = HTTPRequest(
        f"{os.environ[URL]}/consent",
        method=method,
        headers={"Authorization": f"token {os.environ[TOKEN]}"},
        body=None if body is None else json.dumps(body),
        request_timeout=SECONDS,
    )
    try:
        told = json.loads((await AsyncHTTPClient().fetch(request)).body)
        return Consent(told["until"], tuple(told["who"]))
    except HTTPClientError as error:
        raise ConsentUnknown(_reason(error)) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConsentUnknown(
            f"The hub does not answer: {error}. Try again in a minute."
        ) from error


def _reason(error: HTTPClientError) -> str:
    body = error.response.body if error.response else b""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return f"The hub answers {error}. Try again in a minute."

"""What the hub knows of the owner's consent that support may look into this server."""

import os
from dataclasses import dataclass
from typing import Any

from daisy_lab.asking import TOKEN, NoAnswer, ask

URL = "DAISY_WATCHING_URL"


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
    url = f"{os.environ[URL]}/consent"
    try:
        told = await ask(method, url, body, scheme="token", words="message")
        return Consent(told["until"], tuple(told["who"]))
    except NoAnswer as error:
        reason = error.said or f"The hub {error}. Try again in a minute."
        raise ConsentUnknown(reason) from error
    except (KeyError, TypeError) as error:
        raise ConsentUnknown(
            f"The hub's answer has no {error}. Tell who runs it."
        ) from error

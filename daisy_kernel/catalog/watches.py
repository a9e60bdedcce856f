"""Who watches a proposal also when nobody is logged in: choices that a hub keeps.

A hub of DAISY keeps the server of an account running that has chosen to watch a
proposal, and that server follows the scans and carries out the rules. Inside of such a
server the hub's service can be asked; anywhere else there is none.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daisy_kernel.model.errors import WatchRefused

URL = "DAISY_WATCHING_URL"
_TOKEN = "JUPYTERHUB_API_TOKEN"
_SECONDS = 10.0


@dataclass(frozen=True)
class KeptWatch:
    """One account's choice to watch a proposal.

    Attributes
    ----------
    proposal
        `<beamline>/<proposal>`.
    since
        When it was chosen, in seconds since 1970.
    state
        How its server is, in words.
    yours
        Whether it is one's own.
    """

    proposal: str
    user: str
    since: float
    state: str
    yours: bool


@dataclass(frozen=True)
class Watches:
    """What the hub says of watching.

    Attributes
    ----------
    proposals
        Those that one belongs to, and may choose to watch.
    kept
        Who watches these, oldest first.
    """

    proposals: tuple[str, ...]
    kept: tuple[KeptWatch, ...]


def is_kept_here() -> bool:
    """Whether this runs in a server of a hub that could keep a watch."""
    return bool(os.environ.get(URL) and os.environ.get(_TOKEN))


def kept_watches() -> Watches:
    """Ask who watches one's proposals.

    Raises
    ------
    WatchRefused
        This is no server of a hub, or the hub does not answer.
    """
    return _ask("GET", "")


def keep_watch(proposal: str) -> Watches:
    """Have one's own server kept, so that it watches a proposal always.

    Parameters
    ----------
    proposal
        `<beamline>/<proposal>`, of which one is a member.

    Returns
    -------
    :
        Who watches one's proposals now.

    Raises
    ------
    WatchRefused
        With the hub's reason.
    """
    return _ask("PUT", proposal)


def end_watch(proposal: str) -> Watches:
    """End one's own choice; that of others stays.

    Raises
    ------
    WatchRefused
        With the hub's reason.
    """
    return _ask("DELETE", proposal)


def _ask(method: str, proposal: str) -> Watches:
    if not is_kept_here():
        raise WatchRefused(
            f"This is no server of a DAISY hub ({URL} is not set), so there is nobody "
            "to keep a watch. Start `daisy watch FOLDER` yourself where it goes on "
            "when you leave, as a service of the system say."
        )
    name = urllib.parse.quote(proposal)
    path = f"watches/{name}" if name else "watches"
    request = urllib.request.Request(
        f"{os.environ[URL]}/{path}",
        method=method,
        headers={"Authorization": f"token {os.environ[_TOKEN]}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return _understood(json.load(answer))
    except urllib.error.HTTPError as error:
        raise WatchRefused(_reason(error)) from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise WatchRefused(
            f"The hub does not say who watches: {error}. Your choice is as it was; "
            "try again in a minute."
        ) from error


def _understood(answer: Mapping[str, Any]) -> Watches:
    you = answer["you"]
    kept = tuple(
        KeptWatch(
            str(found["proposal"]),
            str(found["user"]),
            float(found["since"]),
            str(found["state"]),
            found["user"] == you,
        )
        for found in answer["watches"]
    )
    return Watches(tuple(map(str, answer["proposals"])), kept)


def _reason(error: urllib.error.HTTPError) -> str:
    """Give the hub's own words, or what stands between says instead."""
    try:
        return str(json.load(error)["message"])
    except (OSError, ValueError, LookupError, TypeError):
        return (
            f"The hub's service that keeps watches does not answer ({error.code} "
            f"{error.reason}). Try again in a minute."
        )

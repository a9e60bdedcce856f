"""Attempts by request, as an actor: once with its cookies, once with its token."""

import json
import uuid
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlparse

import requests
import websocket
from installations import Person

SECONDS = 30
REFUSALS = 401, 403, 404
NOT_SUPPORTED = 405
# one's server is up already: past the question whether one may
PAST_THE_WALL = 400
CODE = "print('ran'.upper())"


@dataclass
class Actor:
    """Somebody who tries: with a session, a token, both or neither."""

    name: str
    session: requests.Session
    token: str = ""
    person: Person | None = None
    kernel: str = ""


@dataclass(frozen=True)
class Attempt:
    """A request: where, how, with what."""

    path: str
    method: str = "GET"
    body: object = None
    says: str = ""  # the answer holds it, or it is no answer


def by_request(actor: Actor, address: str, attempt: Attempt) -> str:
    """Try both ways; one that leads in is enough."""
    seen = {
        _seen(_with_cookies(actor, address, attempt), attempt),
        _seen(_with_token(actor, address, attempt), attempt),
    }
    return joined(seen)


def joined(seen: set[str]) -> str:
    """Make one word of those of several ways in."""
    for word in (*(w for w in seen if w.startswith("error")), "allowed"):
        if word in seen:
            return word
    return "no such thing" if "no such thing" in seen else "refused"


def _with_cookies(actor: Actor, address: str, attempt: Attempt) -> requests.Response:
    return actor.session.request(
        attempt.method,
        address + attempt.path,
        json=attempt.body,
        headers={"X-XSRFToken": xsrf(actor.session, attempt.path)},
        timeout=SECONDS,
    )


def _with_token(actor: Actor, address: str, attempt: Attempt) -> requests.Response:
    kind = "jupyterhub" if "/dask-gateway/" in attempt.path else "token"
    headers = {"Authorization": f"{kind} {actor.token}"} if actor.token else {}
    return requests.request(
        attempt.method,
        address + attempt.path,
        json=attempt.body,
        headers=headers,
        timeout=SECONDS,
    )


def _seen(answer: requests.Response, attempt: Attempt) -> str:
    """Say what an answer means. One that led elsewhere, to the login say, is none."""
    if urlparse(answer.url).path != urlparse(attempt.path).path:
        return "refused"
    if answer.status_code in REFUSALS:
        return "refused"
    if answer.status_code == NOT_SUPPORTED:
        return "no such thing"
    if answer.ok:
        return "allowed" if attempt.says in answer.text else "refused"
    if answer.status_code == PAST_THE_WALL and "already running" in answer.text:
        return "allowed"
    return f"error: status {answer.status_code} {answer.text[:200]}"


def xsrf(session: requests.Session, path: str) -> str:
    """Give the mark that goes with the longest path of a cookie that fits."""
    fitting = [
        c for c in session.cookies if c.name == "_xsrf" and path.startswith(c.path)
    ]
    return max(fitting, key=lambda c: len(c.path)).value or "" if fitting else ""


def by_socket(actor: Actor, address: str, path: str, message: object) -> str:
    """Open a websocket both ways, say something, wait for an answer that shows it."""
    cookies = "; ".join(
        f"{c.name}={c.value}" for c in actor.session.cookies if path.startswith(c.path)
    )
    token = [f"Authorization: token {actor.token}"] if actor.token else []
    url = address.replace("http", "ws", 1) + path
    return joined(
        {_heard(url, message, cookie=cookies), _heard(url, message, header=token)}
    )


def _heard(url: str, message: object, **options: object) -> str:
    try:
        there = websocket.create_connection(url, timeout=SECONDS, **options)
    except websocket.WebSocketBadStatusException as error:
        return "refused" if error.status_code in REFUSALS else f"error: {error}"
    except websocket.WebSocketException as error:
        # led to the login, where no websocket is
        return "refused" if "edirect" in str(error) else f"error: {error}"
    with closing(there):
        if message is None:  # it is told without being asked
            return "allowed" if there.recv() else "refused"
        there.send(json.dumps(message))
        for _ in range(50):
            if "RAN" in there.recv():
                return "allowed"
    return "error: the other side did not do what it was told"


def in_kernel() -> dict:
    """Ask a kernel to run code."""
    return Person._execute_request(CODE)


IN_TERMINAL = ["stdin", f"echo R''AN {uuid.uuid4().hex}\r"]

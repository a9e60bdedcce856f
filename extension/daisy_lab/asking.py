"""Ask a service of the hub, as the account whose server this is."""

import json
import os
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

TOKEN = "JUPYTERHUB_API_TOKEN"
SECONDS = 10.0


class NoAnswer(Exception):
    """A service does not answer, or refuses: "answers ..." or "does not answer: ...".

    Attributes
    ----------
    said
        The service's own words, "" where it has none.
    """

    def __init__(self, text: str, said: str = "") -> None:
        super().__init__(text)
        self.said = said


async def ask(
    method: str, url: str, body: Any = None, *, scheme: str, words: str
) -> Any:
    """Ask, and return what the answer holds; {} for an empty one.

    Parameters
    ----------
    scheme
        How the service wants the token to be called.
    words
        The field of a refusal that says why.

    Raises
    ------
    NoAnswer
    """
    request = HTTPRequest(
        url,
        method=method,
        headers={"Authorization": f"{scheme} {os.environ[TOKEN]}"},
        body=None if body is None else json.dumps(body),
        request_timeout=SECONDS,
    )
    try:
        answer = await AsyncHTTPClient().fetch(request)
        return json.loads(answer.body) if answer.body else {}
    except HTTPClientError as error:
        raise NoAnswer(f"answers {error}", _said(error, words)) from None
    except (OSError, ValueError) as error:
        raise NoAnswer(f"does not answer: {error}") from error


def _said(error: HTTPClientError, words: str) -> str:
    """Return what the service says, not what stands between."""
    body = error.response.body if error.response else b""
    try:
        return str(json.loads(body)[words])
    except (ValueError, KeyError, TypeError):
        return ""

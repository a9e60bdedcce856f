"""The service's routes, with a hub that only says whose a token is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from daisy_hub.watching.keeper import Refused
from daisy_hub.watching.service import application
from jupyterhub.services.auth import HubAuth
from tornado.httpclient import HTTPResponse
from tornado.testing import AsyncHTTPTestCase
from tornado.web import Application, HTTPError

MAY = ["access:services!service=daisy-watching"]
USERS = {
    "annas": {"kind": "user", "name": "anna", "scopes": MAY},
    "a-service": {"kind": "service", "name": "anna", "scopes": MAY},
    "for-something-else": {"kind": "user", "name": "anna", "scopes": ["read:users"]},
}


class PlayedAuth(HubAuth):
    """Says whose a token is; "broken" is one that the hub fails on."""

    def get_user(self, handler: Any, *, sync: bool = True) -> dict[str, Any] | None:
        token = self.get_token(handler)
        if token == "broken":
            raise HTTPError(500, "Failed to connect to Hub API")
        return dict(USERS[token]) if token in USERS else None


class PlayedKeeper:
    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def told(self, user: str) -> dict[str, Any]:
        return {"you": user, "proposals": [], "watches": []}

    def choose(self, user: str, proposal: str) -> None:
        if proposal == "B2/full":
            raise Refused(409, "it is full")
        self.asked.append(("choose", user, proposal))

    def end(self, user: str, proposal: str) -> None:
        self.asked.append(("end", user, proposal))


class Service(AsyncHTTPTestCase):
    """The routes on loopback."""

    def get_app(self) -> Application:
        self.keeper = PlayedKeeper()
        auth = PlayedAuth(api_token="its-own", access_scopes=set(MAY))
        return application(self.keeper, auth, "/services/daisy-watching/")

    def ask(self, method: str, path: str, token: str = "annas") -> HTTPResponse:
        return self.fetch(
            f"/services/daisy-watching/{path}",
            method=method,
            headers={"Authorization": f"token {token}"},
            follow_redirects=False,
            body=b"" if method == "PUT" else None,
        )


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service("get_app")
    service.setUp()
    yield service
    service.tearDown()


def message(answer: HTTPResponse) -> str:
    return str(json.loads(answer.body)["message"])


def test_the_caller_is_who_the_token_belongs_to(service):
    listed = service.ask("GET", "watches")
    service.ask("PUT", "watches/B7/Z%C3%A4hne%202026")
    service.ask("DELETE", "watches/B7/x")

    assert json.loads(listed.body)["you"] == "anna"
    assert service.keeper.asked == [
        ("choose", "anna", "B7/Zähne 2026"),
        ("end", "anna", "B7/x"),
    ]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("token", ["", "wrong", "a-service", "for-something-else"])
def test_who_is_no_account_is_refused_and_sent_nowhere(service, method, token):
    path = "watches" if method == "GET" else "watches/B7/x"

    answer = service.ask(method, path, token)

    assert answer.code == 403
    assert "Location" not in answer.headers
    assert service.keeper.asked == []


def test_a_refusal_says_why(service):
    answer = service.ask("PUT", "watches/B2/full")

    assert (answer.code, message(answer)) == (409, "it is full")


def test_a_choice_takes_nobody_elses_name(service):
    answer = service.ask("DELETE", "watches/B7/x?user=ben")

    assert answer.code == 400
    assert "for oneself only" in message(answer)
    assert service.keeper.asked == []


def test_a_hub_that_fails_is_said_in_words(service):
    answer = service.ask("GET", "watches", "broken")

    assert answer.code == 500
    assert message(answer).startswith("The hub cannot say now who asks")


@pytest.mark.parametrize("path", ["watches/B7", "watches/B7/x/y", ""])
def test_what_is_no_proposal_is_not_found(service, path):
    assert service.ask("PUT", path).code in (404, 405)
    assert service.keeper.asked == []

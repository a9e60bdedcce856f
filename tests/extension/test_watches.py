"""The route `watches`, and a server that is kept, with a played service of a hub."""

import asyncio
import json

import pytest
from daisy_lab import kept as kept_module
from daisy_lab.kept import Kept
from daisy_lab.watcher import Watcher
from tornado.httpclient import HTTPClientError
from watchhub import TOKEN, played

pytestmark = [pytest.mark.service, pytest.mark.timeout(90)]

NAME = "B7/2026-0042"


@pytest.fixture
def hub(monkeypatch):
    with played() as service:
        monkeypatch.setenv("DAISY_WATCHING_URL", service.url)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)
        yield service


@pytest.fixture
def choose(data, jp_fetch):
    """Choose, or end it; what is answered."""

    async def choose(**body):
        answer = await jp_fetch(
            "daisy", "watches", method="POST", body=json.dumps(body)
        )
        return json.loads(answer.body)

    return choose


class Counted(Watcher):
    started = 0

    def start(self):
        self.started += 1


async def test_without_a_hub_there_is_no_switch(ask, raw):
    found = await ask("watches", proposal=raw.parent)

    assert found == {"available": False, "watches": []}


async def test_the_watches_of_one_proposal_are_told(hub, ask, raw):
    hub.add("ben", NAME)
    hub.add("anna", "B8/2026-0100")

    found = await ask("watches", proposal=raw.parent)

    assert found["available"]
    assert [(w["user"], w["yours"]) for w in found["watches"]] == [("ben", False)]


async def test_who_is_no_member_gets_no_switch(hub, ask, raw):
    hub.proposals = []

    assert not (await ask("watches", proposal=raw.parent))["available"]


async def test_a_choice_goes_to_the_hub_and_starts_the_watch(
    hub, choose, raw, jp_serverapp
):
    made = await choose(proposal=str(raw.parent), keep=True)

    assert hub.asked[-1] == f"PUT /watches/{NAME}"
    assert [w["user"] for w in made["watches"]] == ["anna"]
    assert jp_serverapp.web_app.settings["daisy_watcher"]._task is not None

    ended = await choose(proposal=str(raw.parent), keep=False)

    assert hub.asked[-1] == f"DELETE /watches/{NAME}"
    assert ended["watches"] == []


@pytest.mark.parametrize(
    ("place", "keep", "status"),
    [
        ("raw", True, 400),  # no proposal
        ("", "yes", 400),
        ("../../../..", True, 403),
    ],
)
async def test_what_is_no_choice_does_not_reach_the_hub(
    hub, choose, raw, place, keep, status
):
    with pytest.raises(HTTPClientError) as error:
        await choose(proposal=f"{raw.parent}/{place}", keep=keep)

    assert error.value.code == status
    assert not [asked for asked in hub.asked if not asked.startswith("GET")]


async def test_a_refusal_comes_to_the_page_in_the_hubs_words(hub, choose, raw):
    hub.refusal = 403, b'{"message": "anna is no member of a proposal."}'

    with pytest.raises(HTTPClientError) as error:
        await choose(proposal=str(raw.parent), keep=True)

    told = json.loads(error.value.response.body)
    assert told["message"] == "anna is no member of a proposal."


def test_a_server_is_kept_while_its_user_watches_and_while_the_hub_is_silent(
    hub, monkeypatch
):
    monkeypatch.setattr(kept_module, "ASK_EVERY", 0.0)
    watcher = Counted(None)
    kept = Kept(watcher)
    hub.add("ben", NAME)
    assert not asyncio.run(kept.look())
    assert watcher.started == 0

    hub.add("anna", NAME)
    assert asyncio.run(kept.look())
    hub.refusal = 502, b""
    assert asyncio.run(kept.look())
    hub.refusal, hub.watches = None, []
    assert not asyncio.run(kept.look())

    assert watcher.started == 1


def test_the_hub_is_asked_once_a_minute_and_again_at_once_where_it_was_silent(hub):
    kept = Kept(Counted(None))
    hub.refusal = 502, b""
    for _ in range(2):
        asyncio.run(kept.look())
    hub.refusal = None
    for _ in range(3):
        asyncio.run(kept.look())

    assert hub.asked == ["GET /watches"] * 3


def test_a_server_outside_of_a_hub_asks_nobody(monkeypatch):
    monkeypatch.delenv("DAISY_WATCHING_URL", raising=False)

    assert not asyncio.run(Kept(Counted(None)).look())

"""Routes of shared notebooks: cards, copies, versions."""

import json

import pytest
from tornado.httpclient import HTTPClientError

PROPOSAL = "B7/2026-0042"


@pytest.fixture
def shared(data, jp_fetch, jp_root_dir):
    """A notebook in the home; shared(path, note) publishes it."""

    async def share(name: str, source: str, note: str = "") -> dict:
        cells = [
            {"cell_type": "markdown", "metadata": {}, "source": "# Rings"},
            {
                "cell_type": "code", "metadata": {}, "source": source,
                "execution_count": None, "outputs": [],
            },
        ]  # fmt: skip
        content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
        (jp_root_dir / name).write_text(json.dumps(content))
        return await post(jp_fetch, "share", path=name, proposal=PROPOSAL, note=note)

    return share


async def post(jp_fetch, *route: str, **body):
    answer = await jp_fetch("daisy", *route, method="POST", body=json.dumps(body))
    return json.loads(answer.body)


async def test_what_is_shared_is_a_card_and_a_click_takes_a_copy(
    shared, ask, jp_fetch, jp_root_dir
):
    assert await shared("rings.ipynb", "x = 1", "first") == {
        "name": "rings",
        "version": 1,
    }

    cards = (await ask("templates"))["templates"]
    (card,) = [c for c in cards if c["proposal"] == PROPOSAL]
    taken = await post(jp_fetch, "notebooks", template=card["id"])

    assert card["title"] == "Rings"
    assert card["description"].startswith(f"{PROPOSAL}: version 1 by")
    assert card["description"].endswith("first")
    assert taken["path"] == "notebooks/rings.ipynb"
    assert "x = 1" in (jp_root_dir / taken["path"]).read_text()


async def test_a_copy_is_updated_and_one_with_changes_stays(
    shared, jp_fetch, jp_root_dir
):
    await shared("rings.ipynb", "x = 1")
    card = f"shared:{PROPOSAL}/rings"
    clean, mine = [
        (await post(jp_fetch, "notebooks", template=card))["path"] for _ in range(2)
    ]
    file = jp_root_dir / mine
    file.write_text(file.read_text().replace("x = 1", "x = 1 # mine"))
    await shared("rings.ipynb", "x = 2")

    assert (await post(jp_fetch, "share", "update", path=clean))["path"] == clean
    beside = (await post(jp_fetch, "share", "update", path=mine))["path"]

    assert "x = 2" in (jp_root_dir / clean).read_text()
    assert "x = 1 # mine" in file.read_text()
    assert beside != mine
    assert "x = 2" in (jp_root_dir / beside).read_text()


async def test_refusals_are_told_in_words(shared, jp_fetch):
    await shared("rings.ipynb", "x = 1")
    wrong = {
        ("share",): {"path": "rings.ipynb", "proposal": "B9/X"},
        ("share", "update"): {"path": "rings.ipynb"},
        ("notebooks",): {"template": f"shared:{PROPOSAL}/none"},
    }

    for route, body in wrong.items():
        with pytest.raises(HTTPClientError) as refused:
            await post(jp_fetch, *route, **body)
        told = json.loads(refused.value.response.body)["message"]
        assert told, route


async def test_a_path_outside_is_not_published(shared, jp_fetch):
    with pytest.raises(HTTPClientError) as refused:
        await post(jp_fetch, "share", path="/etc/passwd", proposal=PROPOSAL)

    assert refused.value.code == 403

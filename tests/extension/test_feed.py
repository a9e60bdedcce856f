"""Routes of the feed: scans with what rules made of them, and rules that are wrong."""

import json
import os
import time

import pytest
from beamtimes import DARK, quiet, write_scan
from daisy_lab.watcher import understood
from flows import tomography
from tornado.httpclient import HTTPClientError

import daisy_kernel as daisy
from daisy_kernel.catalog import update
from daisy_kernel.workflow.feed import Item
from daisy_kernel.workflow.feed.items import write_item
from daisy_kernel.workflow.feed.rules import rules_file

pytestmark = pytest.mark.service


@pytest.fixture
def proposal(raw):
    write_scan(raw / "tooth.nxs")
    update(raw.parent)
    return raw.parent


@pytest.fixture
def made(proposal):
    scan = proposal / "raw" / "tooth.nxs"
    return daisy.run(tomography(), scan, dark=DARK, show=quiet)


def item(scan, **more):
    given = {"identity": "x", "rule": "slice", "seen": time.time(), **more}
    return Item(scan, **given)


async def test_scans_come_newest_first_with_what_was_made_of_them(ask, proposal, made):
    run = made.folder.relative_to(proposal)
    write_item(proposal, item("tooth.nxs", state="done", run=str(run)))
    write_item(proposal, item("scan_0001.nxs", state="failed", problem="no angles"))
    write_item(proposal, item("scan_0000.nxs"))

    found = await ask("feed", proposal=proposal, limit=20)

    scans = {scan["name"]: scan for scan in found["items"]}
    assert set(scans) >= {"tooth.nxs", "scan_0000.nxs", "scan_0001.nxs"}
    assert {scan["area"] for scan in scans.values()} == {"raw"}
    (done,) = scans["tooth.nxs"]["items"]
    assert (done["rule"], done["state"]) == ("slice", "done")
    assert done["words"].startswith("done in ")
    assert done["run"]["picture"]
    assert done["run"]["files"][0]["path"].endswith("run_001/scaled.h5")
    (failed,) = scans["scan_0001.nxs"]["items"]
    assert (failed["words"], failed["problem"]) == ("failed", "no angles")
    assert scans["scan_0000.nxs"]["items"][0]["words"] == "waits for its turn"
    assert scans["scan_0002.nxs"]["items"] == []
    assert found["total"] == len(scans)


async def test_a_page_begins_where_it_is_asked_to(ask, proposal):
    first = await ask("feed", proposal=proposal, limit=2)
    second = await ask("feed", proposal=proposal, offset=1, limit=2)
    assert first["items"][1]["name"] == second["items"][0]["name"]
    assert len(second["items"]) == 2


async def test_a_proposal_without_an_index_has_its_scans_too(ask, raw):
    found = await ask("feed", proposal=raw.parent)
    assert "scan_0002.nxs" in [scan["name"] for scan in found["items"]]


async def test_without_rules_it_is_said_how_to_write_them(ask, jp_fetch, proposal):
    async def write():
        body = json.dumps({"proposal": str(proposal)})
        return await jp_fetch("daisy", "feed", method="POST", body=body)

    rules = (await ask("feed", proposal=proposal))["rules"]
    assert (rules["state"], rules["may_write"]) == ("none", True)
    assert rules["command"] == "daisy rules B7/2026-0042 --write"

    told = json.loads((await write()).body)

    assert (told["state"], told["names"]) == ("good", ["tomography"])
    assert rules_file(proposal).exists()
    with pytest.raises(HTTPClientError) as error:
        await write()  # never over what somebody has written
    assert "exists" in json.loads(error.value.response.body)["message"]


async def test_what_is_wrong_with_the_rules_is_said_in_words(ask, proposal):
    rules_file(proposal).write_text("format: daisy-rules/1\nsetled: 1\n")

    found = await ask("feed", proposal=proposal)

    assert found["rules"]["state"] == "wrong"
    assert "Did you mean 'settled'?" in found["rules"]["problem"]
    assert found["rules"]["problem"].startswith("B7/2026-0042/processed/.daisy")
    assert found["items"]


@pytest.mark.parametrize("run", ["/etc", "../x", "raw", "processed/tooth/run_099"])
async def test_an_item_that_names_no_run_of_the_proposal_has_none(ask, proposal, run):
    write_item(proposal, item("tooth.nxs", state="done", run=run))

    found = await ask("feed", proposal=proposal)

    scans = {scan["name"]: scan["items"] for scan in found["items"]}
    (told,) = scans["tooth.nxs"]
    assert (told["run"], told["words"]) == (None, "done")


async def test_an_item_of_anybodys_making_is_in_nobodys_way(ask, proposal):
    write_item(proposal, item("tooth.nxs"))
    folder = rules_file(proposal).parent / "feed"
    os.mkfifo(folder / "pipe.json")
    for number, text in enumerate(('{"scan": [], "rule": {}}', "[]", '{"seen": "x"}')):
        (folder / f"{number}.json").write_text(text)
    odd = '{"scan": "tooth.nxs", "identity": 1, "rule": [3], "run": {"a": 1}}'
    (folder / "odd.json").write_text(odd)

    found = await ask("feed", proposal=proposal)

    scans = {scan["name"]: scan["items"] for scan in found["items"]}
    assert [told["rule"] for told in scans["tooth.nxs"]] == ["slice"]


def test_a_line_of_the_watch_tells_of_a_catalogue_or_a_feed():
    lines = "/data/B7/x", "feed /data/B7/x y", "proposals /data"
    told = [understood(line) for line in lines]
    assert [(what, str(path)) for what, path in told] == [
        ("catalog", "/data/B7/x"),
        ("feed", "/data/B7/x y"),
        ("proposals", "/data"),
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("feed-page", "text/html"),
        ("feed-page.js", "text/javascript"),
        ("feed-page.css", "text/css"),
    ],
)
async def test_the_page_for_a_wall_needs_a_login_and_runs_no_other_script(
    data, jp_fetch, name, kind
):
    answer = await jp_fetch("daisy", name)
    assert answer.headers["Content-Type"].startswith(kind)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert b"<script>" not in answer.body
    stranger = {"Authorization": "token wrong"}
    with pytest.raises(HTTPClientError) as error:
        await jp_fetch("daisy", name, headers=stranger, follow_redirects=False)
    assert error.value.code == 302
    assert "login" in error.value.response.headers["Location"]

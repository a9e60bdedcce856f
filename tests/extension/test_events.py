"""The websocket that tells of new catalogues, on a real server, with a real watch."""

import asyncio
import json
import os
import shutil
import signal
import sys

import psutil
import pytest
from daisy_lab import watcher
from daisy_lab.watcher import Watcher
from tornado.httpclient import HTTPClientError

from daisy_kernel.workflow.feed import default_rules
from daisy_kernel.workflow.feed.rules import write_rules

pytestmark = [pytest.mark.service, pytest.mark.timeout(90)]


@pytest.fixture
def listen(data, jp_ws_fetch):
    return lambda: jp_ws_fetch("daisy", "events")


async def next_event(page, seconds=20):
    return json.loads(await asyncio.wait_for(page.read_message(), seconds))


def watches():
    processes = psutil.Process().children(recursive=True)
    return [p for p in processes if "watch" in command(p)]


def command(process):
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


async def test_a_scan_that_appears_is_told_and_found(listen, ask, raw):
    told = await listen()
    proposal = (await ask("proposals"))["proposals"][0]["path"]
    while (await next_event(told))["proposal"] != proposal:
        pass
    shutil.copy(raw / "scan_0001.nxs", raw / "copy_of_it.nxs")

    found = {"total": 0}
    while not found["total"]:
        event = await next_event(told)
        assert event["event"] == "catalog"
        found = await ask("scans", proposal=proposal, filter="name:copy")

    (scan,) = found["items"]
    while not scan["title"]:  # its name comes first
        await next_event(told)
        found = await ask("scans", proposal=proposal, filter="name:copy technique:tomo")
        scan = found["items"][0] if found["items"] else {"title": ""}
    assert scan["title"] == "Rings 1"


async def test_a_long_projection_tells_the_page_how_far_it_is(
    listen, jp_fetch, raw, large_stack
):
    large_stack(raw / "long.h5")
    path = str(raw / "long.h5")
    told = await listen()
    asked = jp_fetch(
        "daisy",
        "tile",
        params={"path": path, "node": "data", "sum": "0,0,1000", "how": "std"},
        headers={"X-Daisy-Ticket": "mine"},
    )
    asking = asyncio.ensure_future(asked)
    heard = []
    while not heard or heard[-1]["done"] < 200:
        event = await next_event(told)
        if event["event"] == "progress":
            heard.append(event)
    assert {event["ticket"] for event in heard} == {"mine"}
    assert {event["total"] for event in heard} == {1000}
    done = [event["done"] for event in heard]
    assert done == sorted(set(done))
    assert (await asking).code == 200


async def test_a_search_that_says_nothing_is_answered_with_what_could(
    refused, ask, data
):
    proposal = (await ask("proposals"))["proposals"][0]["path"]

    code, said = await refused("scans", proposal=proposal, filter="colour:red")

    assert code == 422
    assert "fields are name:" in said["message"]


async def test_a_watch_that_is_killed_is_started_again(listen, raw):
    told = await listen()
    await next_event(told)
    (first,) = watches()

    os.kill(first.pid, signal.SIGKILL)
    shutil.copy(raw / "scan_0001.nxs", raw / "copy_of_it.nxs")

    # what the first one has said before may still come
    while not [watch for watch in watches() if watch.pid != first.pid]:
        await asyncio.sleep(0.1)
    await next_event(told)
    (second,) = watches()
    assert second.pid != first.pid


async def test_a_watch_is_ended_whenever_its_server_ends(data, raw):
    for moment in range(12):
        begun = Watcher(data)
        begun.listen(lambda what, proposal: None)
        await asyncio.sleep(moment * 0.002)
        await asyncio.wait_for(begun.close(), 20)

    assert not watches()


@pytest.mark.parametrize(
    "code",
    [
        "import sys; sys.stdin.read()",
        "while True: print('feed /x' * 100)",
        "import subprocess as s; s.run(['sleep', '60'], stdin=s.DEVNULL)",
    ],
    ids=["it listens", "it talks without end", "another holds its output"],
)
async def test_a_watch_is_ended_in_seconds_whatever_it_does(code, monkeypatch):
    monkeypatch.setattr(watcher, "ENDING", 1.0)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=pipe, stdout=pipe
    )
    children = psutil.Process(process.pid).children
    while "subprocess" in code and not children():
        await asyncio.sleep(0.05)
    left = children()

    await asyncio.wait_for(watcher._end(process), 10)

    assert not psutil.pid_exists(process.pid)
    for child in left:
        child.kill()


async def test_what_rules_make_of_a_scan_is_told(listen, ask, raw):
    proposal = (await ask("proposals"))["proposals"][0]["path"]
    write_rules(raw.parent, default_rules(["tomography"]))

    told = await listen()
    while (await next_event(told, 60))["event"] != "feed":
        pass

    found = (await ask("feed", proposal=proposal))["items"]
    assert "tomography" in {item["rule"] for scan in found for item in scan["items"]}


async def test_a_page_cannot_have_another_folder_looked_at(listen, raw):
    told = await listen()
    await next_event(told)

    await told.write_message(json.dumps({"look": "/etc"}))
    await told.write_message("nonsense")
    await told.write_message(json.dumps({"look": str(raw.parent)}))

    (watch,) = watches()
    assert watch.is_running()


async def test_nobody_listens_without_a_login(data, jp_ws_fetch):
    with pytest.raises(HTTPClientError) as error:
        await jp_ws_fetch("daisy", "events", headers={"Authorization": "token wrong"})
    assert error.value.code == 403

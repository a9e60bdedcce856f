"""Routes of runs: listed, told, drawn, stopped; what others put there is checked."""

import io
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from beamtimes import DARK, quiet, wait_for, write_scan
from flows import level, load, set_block_bytes, tomography
from PIL import Image
from tornado.httpclient import HTTPClientError

import daisy_kernel as daisy
from daisy_kernel.workflow import Workflow
from daisy_kernel.workflow.runs.record import Progress, write_json

PNG = b"\x89PNG\r\n\x1a\n"


pytestmark = pytest.mark.service


@pytest.fixture(autouse=True)
def importable(monkeypatch, tmp_path):
    """Let runners import the tests' algorithms; a register of our own."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def proposal(raw):
    write_scan(raw / "tooth.nxs")
    return raw.parent


@pytest.fixture
def made(proposal):
    """A run of a scan."""
    scan = proposal / "raw" / "tooth.nxs"
    return daisy.run(tomography(), scan, dark=DARK, note="at night", show=quiet)


@pytest.fixture
def running(made):
    """Make a run look as while it is carried out."""
    file = made.folder / "state.json"
    state = json.loads(file.read_text())
    state |= {"state": "running", "done": 25.0, "total": 100.0, "seconds": 4.0}
    state |= {"read": 400, "ended": "", "files": {}}
    file.write_text(json.dumps(state))
    (made.folder / ".lease").touch()
    return made


@pytest.fixture
def stop(data, jp_fetch):
    async def stop(path):
        body = json.dumps({"path": str(path)})
        return json.loads(
            (await jp_fetch("daisy", "run", "stop", method="POST", body=body)).body
        )

    return stop


@pytest.fixture
def note(data, jp_fetch):
    async def note(path, text):
        body = json.dumps({"path": str(path), "note": text})
        return json.loads(
            (await jp_fetch("daisy", "run", "note", method="POST", body=body)).body
        )

    return note


@pytest.fixture
def picture_of(data, jp_fetch):
    async def picture(path, **options):
        query = {"path": str(path)}
        return await jp_fetch("daisy", "run", "picture", params=query, **options)

    return picture


async def test_runs_come_newest_first_with_who_when_and_what(ask, proposal, made):
    scan = proposal / "raw" / "tooth.nxs"
    again = daisy.run(tomography(), scan, dark=DARK, again=True, show=quiet)
    os.utime(made.folder / "run.json", (1_790_000_000,) * 2)

    found = await ask("runs", proposal=proposal)
    second = await ask("runs", proposal=proposal, offset=1, limit=1)

    assert [run["name"] for run in found["items"]] == ["run_002", "run_001"]
    assert found["total"] == 2
    (run,) = second["items"]
    assert run["title"] == "Levelled sinograms"
    assert run["scan"] == {"name": "tooth.nxs", "path": str(scan)}
    assert (run["note"], run["user"]) == ("at night", made.record.user)
    assert (run["state"], run["part"]) == ("done", 1.0)
    assert run["words"].startswith("done in ")
    assert run["code"] == "B7/2026-0042/processed/tooth/run_001"
    assert run["picture"]
    assert [f["name"] for f in run["files"]] == ["scaled"]
    assert daisy.Run(run["code"]) == made != again


async def test_words_find_runs_and_a_page_counts_those(ask, refused, proposal, made):
    scan = proposal / "raw" / "tooth.nxs"
    again = daisy.run(tomography(), scan, dark=DARK, again=True, show=quiet)
    again.note = "the good one"

    found = await ask("runs", proposal=proposal, filter="note:good state:done")
    none = await ask("runs", proposal=proposal, filter="state:failed")
    code, told = await refused("runs", proposal=proposal, filter="colour:red")

    assert [run["name"] for run in found["items"]] == [again.name]
    assert (found["total"], none["total"]) == (1, 0)
    assert (code, "fields are workflow" in told["message"]) == (422, True)


async def test_a_run_says_what_each_algorithm_did(ask, made):
    told = await ask("run", path=made.folder)

    steps = {step["name"]: step for step in told["steps"]}
    assert list(steps) == ["load", "subtract", "smooth", "level", "scaled"]
    assert steps["scaled"]["summary"] == "Multiply."
    assert steps["scaled"]["parameters"][0] == {
        "name": "factor", "value": 2.0, "units": "",
    }  # fmt: skip
    assert steps["scaled"]["blocks"] == steps["scaled"]["of"] == 1
    assert steps["load"]["seconds"] is None
    assert steps["subtract"]["read"] == 2 * 40 * 24 * 32 + DARK.nbytes
    assert (steps["scaled"]["read"], steps["subtract"]["written"]) == (0, 0)
    assert steps["scaled"]["written"] >= made["scaled"].read().nbytes
    assert told["log"].splitlines()[-1].endswith("done")
    assert told["inputs"] == ["B7/2026-0042/raw/tooth.nxs"]


async def test_what_is_written_in_another_order_stands_among_the_algorithms(
    ask, proposal, monkeypatch
):
    set_block_bytes(monkeypatch, 4096, 1024)
    flow = Workflow("sinograms", [load])
    flow.add(level, "projections", into="sinograms")
    scan = proposal / "raw" / "tooth.nxs"
    found = daisy.run(flow, scan, show=quiet)

    steps = (await ask("run", path=found.folder))["steps"]

    (turned,) = [step for step in steps if step["name"] == "projections/turned"]
    assert turned["read"] == 2 * 40 * 24 * 32
    assert turned["written"] >= turned["read"]
    assert turned["summary"].startswith("Write projections in another order")


async def test_a_running_run_tells_what_is_left_and_is_asked_to_stop(
    ask, stop, running
):
    (run,) = (await ask("runs", proposal=running.folder.parents[2]))["items"]
    assert (run["state"], run["part"], run["left"]) == ("running", 0.25, 12.0)
    assert run["words"] == "running, 25 %, 12 s left"
    assert run["rate"] == 100

    told = await stop(run["path"])

    assert (told["words"], told["stopping"]) == ("stopping", True)
    assert (running.folder / "stop").exists()


async def test_a_run_that_is_done_or_was_not_submitted_is_not_gone_on_with(
    ask, jp_fetch, data, made
):
    told = await ask("run", path=made.folder)
    assert told["stays"] == "it is done"
    assert told["caption"].endswith("row 13 of 24, values in counts")
    write_json(made.folder / "state.json", Progress("stopped"))
    told = await ask("run", path=made.folder)
    assert "Run the same line there again" in told["stays"]

    body = json.dumps({"path": str(made.folder)})
    with pytest.raises(HTTPClientError) as error:
        await jp_fetch("daisy", "run", "go-on", method="POST", body=body)

    assert error.value.code == 422
    message = json.loads(error.value.response.body)["message"]
    assert message.startswith("run_001 is not gone on with: it was run in a notebook")


async def test_a_submitted_run_goes_on_from_the_page(ask, jp_fetch, data, proposal):
    scan = proposal / "raw" / "tooth.nxs"
    found = daisy.submit(tomography(), scan, dark=DARK)
    found.wait(60)
    write_json(found.folder / "state.json", Progress("stopped"))
    (found.folder / "stop").touch()
    (found.folder / "scaled.h5").unlink()
    assert (await ask("run", path=found.folder))["stays"] == ""

    body = json.dumps({"path": str(found.folder)})
    await jp_fetch("daisy", "run", "go-on", method="POST", body=body)

    wait_for(lambda: found.state == "done", 60)
    assert list(found) == ["scaled"]


async def test_the_note_of_a_run_is_changed_and_told_to_all(ask, note, made):
    told = await note(made.folder, "the good one")

    assert told["note"] == "the good one"
    (listed,) = (await ask("runs", proposal=made.folder.parents[2]))["items"]
    shown = await ask("run", path=made.folder)
    assert (listed["note"], shown["note"]) == ("the good one", "the good one")
    assert shown["may_note"] is True
    assert (await note(made.folder, ""))["note"] == ""


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("x" * 1001, 422, "may have 1000"),
        ("one\ntwo", 422, "several lines"),
        ("bell \a", 422, "character 6 of the note, U+0007"),
        (None, 400, "note is missing"),
        ({"not": "a text"}, 400, "note is missing"),
    ],
)
async def test_a_note_that_is_none_is_refused_in_words(note, made, text, code, said):
    with pytest.raises(HTTPClientError) as error:
        await note(made.folder, text)

    assert error.value.code == code
    assert said in json.loads(error.value.response.body)["message"]
    assert daisy.Run(made.folder).note == "at night"


async def test_the_run_of_somebody_else_is_not_noted(ask, note, made):
    file = made.folder / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"user": "ben"}))

    with pytest.raises(HTTPClientError) as error:
        await note(made.folder, "mine")

    assert "it is the run of ben" in json.loads(error.value.response.body)["message"]
    assert (await ask("run", path=made.folder))["may_note"] is False


async def test_what_is_no_run_or_outside_is_not_noted(note, raw, tmp_path):
    for place, code in ((raw, 404), (tmp_path, 403)):
        with pytest.raises(HTTPClientError) as error:
            await note(place, "here")
        assert error.value.code == code
    assert not list(tmp_path.rglob("note.txt"))


async def test_what_has_ended_is_not_asked_to_stop(stop, made):
    assert (await stop(made.folder))["state"] == "done"
    assert not (made.folder / "stop").exists()


async def test_the_picture_of_a_run_is_sent_once(picture_of, made):
    os.utime(made.folder / "picture.png", (1_790_000_000,) * 2)
    answer = await picture_of(made.folder)

    assert answer.headers["Content-Type"] == "image/png"
    assert np.asarray(Image.open(io.BytesIO(answer.body))).shape == (40, 32)
    tag = {"If-None-Match": answer.headers["Etag"]}
    with pytest.raises(HTTPClientError) as known:
        await picture_of(made.folder, headers=tag)
    assert known.value.code == 304


@pytest.mark.parametrize("kind", ["no PNG", "too large", "a link", "a pipe", "absent"])
async def test_only_a_plain_small_png_is_sent(picture_of, ask, made, tmp_path, kind):
    file = made.folder / "picture.png"
    png = file.read_bytes()
    file.unlink()
    if kind == "no PNG":
        file.write_bytes(b"<script>alert(1)</script>")
    elif kind == "too large":
        file.write_bytes(PNG + bytes(2**22))
    elif kind == "a link":
        (tmp_path / "secret.png").write_bytes(png)
        file.symlink_to(tmp_path / "secret.png")
    elif kind == "a pipe":
        os.mkfifo(file)

    answer = await picture_of(made.folder)

    assert (answer.code, answer.body) == (204, b"")
    assert (await ask("run", path=made.folder))["state"] == "done"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"id": 1}', '{"id": "", "identity": "", "workflow": [1]}']
)
async def test_a_record_that_cannot_be_read_hides_no_other(ask, made, text):
    broken = made.folder.parent / "run_007"
    broken.mkdir()
    (broken / "run.json").write_text(text)
    (broken / "state.json").write_text('{"state": 5, "seconds": "long", "steps": []}')

    found = await ask("runs", proposal=made.folder.parents[2])

    by_name = {run["name"]: run for run in found["items"]}
    assert by_name["run_007"]["words"] == "its record cannot be read"
    assert by_name["run_001"]["state"] == "done"


async def test_a_state_that_is_a_pipe_keeps_nobody_waiting(ask, made):
    (made.folder / "state.json").unlink()
    os.mkfifo(made.folder / "state.json")
    start = time.monotonic()

    (run,) = (await ask("runs", proposal=made.folder.parents[2]))["items"]

    assert run["words"] == "its record cannot be read"
    assert time.monotonic() - start < 5


async def test_files_and_folders_elsewhere_are_not_named(ask, made, tmp_path):
    outside = tmp_path / "outside" / "run_001"
    outside.mkdir(parents=True)
    (outside / "run.json").write_text((made.folder / "run.json").read_text())
    (made.folder.parents[1] / "linked").symlink_to(outside.parent)
    (made.folder.parent / "run_009").symlink_to(outside)
    file = made.folder / "state.json"
    state = json.loads(file.read_text())
    state["files"] |= {"passwd": "/etc/passwd", "up": "../../../raw/scan_0000.nxs"}
    file.write_text(json.dumps(state))

    found = await ask("runs", proposal=made.folder.parents[2])

    assert [run["name"] for run in found["items"]] == ["run_001"]
    assert [f["name"] for f in found["items"][0]["files"]] == ["scaled"]


async def test_without_a_proposal_runs_of_all_are_listed(ask, proposal, made, raw):
    other = proposal.parents[1] / "B8" / "2026-0100"
    scan = other / "raw" / "tooth.nxs"
    write_scan(scan)
    (other / "processed").mkdir(exist_ok=True)
    second = daisy.run(tomography(), scan, dark=DARK, show=quiet)

    found = await ask("runs")

    assert [run["code"] for run in found["items"]] == [
        f"B8/2026-0100/processed/tooth/{second.name}",
        f"B7/2026-0042/processed/tooth/{made.name}",
    ]
    assert found["total"] == 2


@pytest.mark.parametrize("route", ["run", "runs"])
async def test_what_is_outside_is_refused(refused, made, tmp_path, route):
    name = "path" if route == "run" else "proposal"
    assert (await refused(route, **{name: tmp_path}))[0] == 403
    code, told = await refused(route, **{name: "../.."})
    assert (code, "outside" in told["message"]) == (403, True)


async def test_a_folder_without_a_run_says_so(refused, raw):
    code, told = await refused("run", path=raw)
    assert (code, "no run" in told["message"]) == (404, True)

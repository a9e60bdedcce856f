"""Scans that another process is writing are followed over the websocket."""

import asyncio
import json
import os
import time

import h5py
import numpy as np
import pytest
from writers import Writer

pytestmark = [pytest.mark.service, pytest.mark.timeout(90)]

NODE = {"plain": "entry/data/data", "swmr": "entry/data/data", "tiff": "data"}


@pytest.fixture
def write(raw):
    """Start a writer."""
    started = []

    def write(mode, frames=1):
        name = "growing" if mode == "tiff" else "growing.h5"
        writer = Writer(raw / name, mode)
        started.append(writer)
        writer.write(frames)
        return writer

    yield write
    for writer in started:
        writer.end()


@pytest.fixture
def follow(data, jp_ws_fetch):
    """Open the websocket, and follow; gives a function that waits for an event."""

    async def follow(*shown):
        page = await jp_ws_fetch("daisy", "events")
        wanted = [{"path": str(path), "node": node} for path, node in shown]
        await page.write_message(json.dumps({"follow": wanted}))

        async def told(fits, seconds=20):
            async with asyncio.timeout(seconds):
                while True:
                    event = json.loads(await page.read_message())
                    if event["event"] != "catalog" and fits(event):
                        return event

        told.page = page
        return told

    return follow


def has(frames):
    return lambda event: event["event"] != "lost" and event["written"] == frames


@pytest.mark.parametrize("mode", ["plain", "swmr", "tiff"])
async def test_frames_of_another_process_are_told_soon(write, follow, mode):
    writer = write(mode)
    told = await follow((writer.path, ""))
    first = await told(has(1))

    late = []
    for frames in range(2, 8):
        written = writer.write()
        event = await told(has(frames))
        late.append(time.time() - written)

    print(f"{mode}: told after {np.median(late):.2f} s, at most {max(late):.2f} s")
    assert first["growing"]
    assert event["shape"] == [7, 32, 40]
    assert event["dataset"] == NODE[mode]
    assert event["path"] == str(writer.path)
    writer.close()


@pytest.mark.parametrize("mode", ["plain", "swmr", "tiff"])
async def test_nothing_old_is_shown_of_a_scan_that_grows(
    write, get, ask, picture, mode
):
    writer = write(mode, 2)
    node = NODE[mode]
    for frame in range(2, 8):
        plot = await ask("plot", path=writer.path)
        told, _ = await picture(path=writer.path, node=node, index=frame - 1)
        pixel = await ask("pixel", path=writer.path, node=node, index=frame - 1)

        assert plot["growing"]
        assert plot["signal"]["shape"] == [frame, 32, 40]
        assert told["minimum"] == told["maximum"] == frame
        assert pixel["value"] == str(frame)
        writer.write()
    answer = await get("tile", path=writer.path, node=node, index=0)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Etag" not in answer.headers
    writer.close()


async def test_the_writer_may_open_its_file_again_while_it_is_followed(raw, follow):
    # with locks as a facility's writer has them: ours would make it fail
    file = raw / "again.h5"
    options = {"chunks": (1, 8, 9), "maxshape": (None, 8, 9)}
    with h5py.File(file, "w") as written:
        written.create_dataset("d", data=np.ones((1, 8, 9)), **options)
    told = await follow((file, "d"))
    await told(has(1))

    for frames in range(2, 6):
        with h5py.File(file, "r+", locking=True) as written:
            written["d"].resize(frames, axis=0)
            written["d"][-1] = frames
        await told(has(frames))


async def test_frames_that_are_only_foreseen_do_not_count(raw, follow):
    file = raw / "foreseen.h5"
    with h5py.File(file, "w") as written:
        data = written.create_dataset("d", (10, 8, 9), "u2", chunks=(1, 8, 9))
        data[:3] = 1
    told = await follow((file, "d"))
    event = await told(has(3))
    assert event["shape"] == [10, 8, 9]


async def test_a_dataset_behind_a_link_is_followed_in_its_file(raw, follow):
    with h5py.File(raw / "behind.h5", "w") as written:
        written.create_dataset("d", (4, 8, 9), "u2", chunks=(1, 8, 9))
        written["d"][0] = 1
    with h5py.File(raw / "master.h5", "w") as master:
        master["link"] = h5py.ExternalLink("behind.h5", "/d")
    old = time.time() - 1000
    os.utime(raw / "master.h5", (old, old))
    told = await follow((raw / "master.h5", "link"))
    await told(has(1))

    with h5py.File(raw / "behind.h5", "r+") as written:
        written["d"][1] = 2

    assert (await told(has(2)))["growing"]


async def test_a_file_that_vanishes_and_another_one_in_its_place(raw, follow):
    file = raw / "scan_0001.nxs"
    told = await follow((file, ""))
    settled = await told(has(24))

    os.rename(file, raw / "elsewhere.nxs")
    lost = await told(lambda event: event["event"] == "lost")
    os.rename(raw / "scan_0002.nxs", file)
    replaced = await told(lambda event: event["event"] != "lost")

    assert not settled["growing"]
    assert lost["path"] == str(file)
    assert replaced["event"] == "replaced"


async def test_a_scan_without_frames_is_followed_from_the_first(raw, follow):
    file = raw / "empty_yet.h5"
    with h5py.File(file, "w") as written:
        written.create_group("entry")
    told = await follow((file, ""))
    first = await told(lambda event: True)
    assert (first["shape"], first["dataset"]) == (None, None)

    with h5py.File(file, "r+") as written:
        written["entry/data"] = np.ones((2, 8, 9))

    assert (await told(has(2)))["dataset"] == "entry/data"


async def test_what_no_page_shows_is_not_looked_at(raw, follow, jp_serverapp):
    told = await follow((raw / "scan_0001.nxs", ""))
    await told(has(24))
    follower = jp_serverapp.web_app.settings["daisy_follower"]
    assert len(follower._looks) == 1

    await told.page.write_message(json.dumps({"follow": []}))
    async with asyncio.timeout(10):
        while follower._looks:
            await asyncio.sleep(0.01)


async def test_a_settled_file_is_opened_once(raw, follow, jp_serverapp):
    pool = jp_serverapp.web_app.settings["daisy_pool"]
    asked, run = [], pool.run

    async def counted(job, **arguments):
        asked.append(job)
        return await run(job, **arguments)

    pool.run = counted
    told = await follow((raw / "scan_0000.nxs", ""), (raw / "scan_0001.nxs", ""))
    first = await told(lambda event: True)  # either may be the first
    await told(lambda event: event["path"] != first["path"])
    once = asked.count("growth")
    os.utime(raw / "scan_0001.nxs")  # seen again, so some looks have passed
    await told(lambda event: event["growing"])

    assert once <= 4
    assert asked.count("growth") <= once + 4


async def test_a_page_cannot_follow_what_it_may_not_read(raw, follow, jp_serverapp):
    told = await follow(("/etc/passwd", ""), (raw / "absent.h5", "x"))
    lost = await told(lambda event: True)

    follower = jp_serverapp.web_app.settings["daisy_follower"]
    assert (lost["event"], lost["node"]) == ("lost", "x")
    assert not follower._looks


async def test_readers_are_started_when_a_page_has_been_drawn(follow, jp_serverapp):
    pool = jp_serverapp.web_app.settings["daisy_pool"]
    before = len(pool._all)
    await follow()
    await pool.warm()

    assert before == 0
    assert len(pool._all) == pool.size

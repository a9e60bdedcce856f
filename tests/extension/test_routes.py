"""The routes of the server part, on a real server with real reader processes."""

import asyncio
import json
import os
import time
from urllib.parse import quote

import h5py
import numpy as np
import pytest
from tiles import tile_and_rest
from tornado.httpclient import HTTPClientError

pytestmark = pytest.mark.service


async def test_proposals_and_scans_come_page_by_page(ask, data):
    found = await ask("proposals")
    names = [(p["beamline"], p["name"]) for p in found["proposals"]]
    proposal = found["proposals"][0]["path"]
    page = await ask("scans", proposal=proposal, offset=1, limit=2)
    filtered = await ask("scans", proposal=proposal, filter="SCAN_0001")

    assert names == [("B7", "2026-0042"), ("B8", "2026-0100")]
    assert [s["name"] for s in page["items"]] == ["scan_0001.nxs", "scan_0000.nxs"]
    assert page["total"] == 9
    assert [s["name"] for s in filtered["items"]] == ["scan_0001.nxs"]


async def test_no_data_folder_is_an_empty_answer_with_a_name(
    jp_fetch, monkeypatch, tmp_path
):
    monkeypatch.setenv("DAISY_DATA", str(tmp_path / "absent"))
    found = json.loads((await jp_fetch("daisy", "proposals")).body)
    assert found["proposals"] == []
    assert found["user"]


async def test_the_tree_of_a_file_says_what_is_missing(ask, raw):
    file = raw / "scan_0000.nxs"
    page = await ask("children", path=file, node="entry")
    kinds = {child["name"]: child["kind"] for child in page["items"]}
    part = await ask("children", path=file, node="entry", offset=1, limit=2)

    assert kinds["gone"] == "missing"
    assert kinds["loop"] == "loop"
    assert kinds["data"] == "group"
    assert len(part["items"]) == 2
    assert part["total"] == page["total"]


async def test_a_node_is_described_without_losing_digits(ask, raw):
    file = raw / "scan_0000.nxs"
    signal = await ask("node", path=file, node="entry/data/data")
    count = await ask("node", path=file, node="entry/count")

    assert signal["shape"] == [24, 256, 384]
    assert signal["filters"] == ["gzip"]
    assert {"name": "units", "value": "counts"} in signal["attributes"]
    assert count["value"] == str(2**60 + 1)


async def test_the_first_picture_needs_two_requests(picture, ask, raw):
    file = raw / "scan_0001.nxs"
    plot = await ask("plot", path=file)
    told, codes = await picture(path=file, node=plot["signal"]["path"], index=3)

    assert plot["signal"]["path"] == "entry/data/data"
    assert plot["signal"]["dimensions"][0]["name"] == "rotation_angle"
    assert plot["signal"]["dimensions"][0]["values"][-1] == 180
    assert plot["technique"] == "tomography"
    assert plot["code"] == "B7/2026-0042/raw/scan_0001.nxs"
    assert plot["proposal"].endswith("B7/2026-0042")
    assert codes.shape == (256, 384)
    assert len(np.unique(codes)) > 100
    with h5py.File(file) as opened:
        frame = opened["entry/data/data"][3]
    lo, hi = told["lo"], told["hi"]
    expected = 1 + 254 * (np.clip(frame.astype(float), lo, hi) - lo) / (hi - lo)
    assert np.abs(codes - expected).max() <= 1
    assert hi < 1000  # the hot pixel does not make the rest black
    assert told["hot"] > 0


async def test_a_data_exchange_file_is_known_as_tomography(ask, raw):
    with h5py.File(raw / "exchange.h5", "w") as file:
        file["exchange/data"] = np.ones((3, 4, 5), "u2")
        file["exchange/data_white"] = np.ones((1, 4, 5), "u2")
    plot = await ask("plot", path=raw / "exchange.h5")
    assert plot["technique"] == "tomography"
    assert plot["signal"]["path"] == "exchange/data"


async def test_a_tile_is_no_larger_than_the_screen(picture, raw):
    query = {"path": raw / "scan_0001.nxs", "node": "entry/data/data"}
    told, codes = await picture(**query, max="100,100")
    part, _ = await picture(**query, box="10,20,30,50")

    assert codes.shape == (64, 96)
    assert told["level"] == 2
    assert part["shape"] == [10, 20]
    assert part["box"] == [10, 20, 30, 50]


async def test_a_large_picture_comes_with_a_preview_in_front(get, raw):
    file = raw / "large.h5"
    with h5py.File(file, "w") as written:
        written["data"] = np.add.outer(np.arange(600), np.arange(700)).astype("u2")

    body = (await get("tile", path=file, max=1024, preview=256)).body
    alone = (await get("tile", path=file, max=1024)).body

    small, small_codes, rest = tile_and_rest(body)
    whole, codes, end = tile_and_rest(rest)
    assert small["shape"] == [150, 175]
    assert whole["shape"] == [600, 700]
    assert (small["lo"], small["hi"]) == (whole["lo"], whole["hi"])
    assert rest == alone
    assert not end
    binned = codes.reshape(150, 4, 175, 4).mean((1, 3), dtype=float)
    assert abs(binned - small_codes).max() < 2


async def test_a_small_picture_has_no_preview(get, raw):
    file = raw / "scan_0000.nxs"

    asked = (await get("tile", path=file, preview=64)).body

    assert asked == (await get("tile", path=file)).body


async def test_a_known_tile_is_answered_without_reading(
    get, jp_fetch, raw, jp_serverapp
):
    query = {"path": str(raw / "scan_0001.nxs"), "node": "entry/data/data"}
    tag = (await get("tile", **query)).headers["Etag"]
    pool = jp_serverapp.web_app.settings["daisy_pool"]
    pool.run = None  # asking a reader process would now fail

    with pytest.raises(HTTPClientError) as same:
        await jp_fetch("daisy", "tile", params=query, headers={"If-None-Match": tag})

    assert same.value.code == 304


async def test_a_file_that_vanishes_between_two_looks_is_not_found(
    refused, raw, monkeypatch
):
    def gone(file):
        raise FileNotFoundError(2, "No such file or directory", str(file))

    monkeypatch.setattr("daisy_lab.handlers.pictures.identity", gone)
    status, told = await refused("tile", path=raw / "scan_0001.nxs")

    assert (status, told["error"]) == (404, "NotFound")
    assert "scan_0001.nxs does not exist" in told["message"]


async def test_a_changed_file_has_another_tag(get, raw):
    file = raw / "scan_0001.nxs"
    before = (await get("tile", path=file)).headers["Etag"]
    with h5py.File(file, "a") as opened:
        opened["entry/data/data"][0] = 0
    long_ago = time.time() - 60
    os.utime(file, (long_ago, long_ago))
    after = (await get("tile", path=file)).headers["Etag"]
    assert before != after


async def test_a_picture_that_other_files_can_change_has_no_tag(get, raw):
    with h5py.File(raw / "part.h5", "w") as part:
        part["d"] = np.ones((4, 5), "u2")
    with h5py.File(raw / "whole.h5", "w") as whole:
        layout = h5py.VirtualLayout((4, 5), "u2")
        layout[:] = h5py.VirtualSource("part.h5", "d", (4, 5))
        whole.create_virtual_dataset("d", layout)
        whole["link"] = h5py.ExternalLink("part.h5", "/d")
    long_ago = time.time() - 60
    for name in ("part.h5", "whole.h5"):
        os.utime(raw / name, (long_ago, long_ago))

    for node in ("d", "link"):
        answer = await get("tile", path=raw / "whole.h5", node=node)
        assert "Etag" not in answer.headers, node
        assert answer.headers["Cache-Control"] == "no-store"
    assert "Etag" in (await get("tile", path=raw / "part.h5", node="d")).headers


async def test_a_line_is_thinned_without_losing_its_peak(ask, raw):
    with h5py.File(raw / "line.h5", "w") as file:
        values = np.zeros(100_000)
        values[77_777] = 9
        file["line"] = values
    line = await ask("series", path=raw / "line.h5", node="line", points=500)

    assert len(line["x"]) == 500
    assert max(line["hi"]) == 9
    assert line["total"] == 100_000


async def test_a_pixel_is_exact(ask, raw):
    query = {"path": raw / "scan_0001.nxs", "node": "entry/data/data", "index": 2}
    found = await ask("pixel", **query, row=10, column=10)
    assert found == {"value": "65535", "units": "counts"}


async def test_a_folder_of_tiff_files_is_one_scan(picture, ask, raw):
    plot = await ask("plot", path=raw / "tiff")
    _, codes = await picture(path=raw / "tiff", index=4)

    assert plot["signal"]["shape"] == [5, 64, 80]
    assert codes.shape == (64, 80)


# --- confinement


FILE_ROUTES = (
    "children",
    "node",
    "plot",
    "tile",
    "series",
    "pixel",
    "values",
    "attributes",
)


@pytest.mark.parametrize("route", FILE_ROUTES)
async def test_a_path_out_of_the_roots_is_refused(refused, raw, tmp_path, route):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["entry/data/data"] = np.ones((4, 4))
    (raw / "link.h5").symlink_to(secret)
    (raw / "folder").symlink_to(tmp_path)
    inside = raw / "scan_0000.nxs"
    paths = [
        secret,
        "/etc/passwd",
        raw / "link.h5",
        raw / "folder" / "secret.h5",
        f"{raw}/../../../../secret.h5",
        f"{raw}/../raw/{inside.name}",  # inside again, but nobody needs to ask so
        "../../../etc/passwd",
    ]
    for path in paths:
        code, told = await refused(route, path=path, node="entry/data/data")
        assert (code, told["error"]) == (403, "Outside"), path


async def test_an_encoded_path_is_refused_as_well(data, jp_fetch):
    for path in (
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%2fetc%2fpasswd",
    ):
        for encoded in (path, quote(path, safe="")):
            with pytest.raises(HTTPClientError) as error:
                await jp_fetch("daisy", f"plot?path={encoded}")
            assert error.value.code in (403, 404)


async def test_a_proposal_out_of_the_data_folder_is_refused(refused, tmp_path):
    code, _ = await refused("scans", proposal=tmp_path)
    assert code == 403


async def test_links_that_lead_out_are_named_but_not_followed(
    refused, ask, raw, tmp_path
):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["data"] = np.full((4, 4), 7)
    layout = h5py.VirtualLayout((4, 4), "i8")
    layout[:] = h5py.VirtualSource(str(secret), "data", shape=(4, 4))
    with h5py.File(raw / "out.h5", "w") as file:
        file["link"] = h5py.ExternalLink(str(secret), "data")
        file["inside"] = np.arange(4)
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("stored", (4, 4), "i8", external=[(str(secret), 0, 128)])

    tree = await ask("children", path=raw / "out.h5")
    kinds = {child["name"]: child["kind"] for child in tree["items"]}
    assert kinds["link"] == "outside"
    for node in ("link", "virtual", "stored"):
        for route in ("tile", "series", "pixel", "values"):
            code, told = await refused(route, path=raw / "out.h5", node=node)
            assert code in (403, 422), (node, route)
            assert "secret" not in told["message"]
    inside = {"path": raw / "out.h5", "node": "inside", "x": "link"}
    for route, query in (("series", inside), ("attributes", inside | {"node": "link"})):
        code, told = await refused(route, **query)
        assert code == 403, route
        assert "secret" not in told["message"]


async def test_nothing_is_told_without_a_login(data, jp_fetch):
    for route in (*FILE_ROUTES, "proposals", "scans", "templates", "recordings"):
        with pytest.raises(HTTPClientError) as error:
            await jp_fetch("daisy", route, headers={"Authorization": "token wrong"})
        assert error.value.code == 403


# --- bad input

BAD = {
    "truncated.h5": "truncated",
    "empty.h5": "empty",
    "text.h5": "HDF5",
    "mixed": "64 x 81",
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_input_is_named_with_its_cause(refused, ask, raw, name):
    for route in ("plot", "children", "tile"):
        code, told = await refused(route, path=raw / name)
        assert code == 422
        assert name in told["message"]
        assert BAD[name] in told["message"]
    assert (await ask("plot", path=raw / "scan_0000.nxs"))["signal"]


async def test_a_scan_that_stopped_before_its_first_frame_says_so(refused, ask, raw):
    plot = await ask("plot", path=raw / "stopped.h5")
    code, told = await refused("tile", path=raw / "stopped.h5", index=0)

    assert plot["signal"]["shape"] == [0, 16, 16]
    assert any("no data" in note for note in plot["notes"])
    assert code == 422
    assert "no frames" in told["message"]


async def test_a_file_that_is_not_there_is_a_404(refused, raw):
    assert (await refused("plot", path=raw / "absent.nxs"))[0] == 404
    code, told = await refused("node", path=raw / "scan_0000.nxs", node="entry/no")
    assert code == 404
    assert "entry" in told["message"]


async def test_nonsense_is_a_400(refused, raw):
    file = raw / "scan_0000.nxs"
    assert (await refused("plot"))[0] == 400
    assert (await refused("tile", path=file, index="x"))[0] == 400
    assert (await refused("tile", path=file, scale="cubic"))[0] == 400
    assert (await refused("tile", path=file, box="1,2"))[0] == 400


# --- the server stays up


async def test_a_huge_frame_is_refused_with_the_line_that_reads_it(refused, raw):
    with h5py.File(raw / "huge.h5", "w") as file:
        file.create_dataset("data", (2, 40_000, 40_000), "u2", chunks=(1, 1000, 1000))
    code, told = await refused("tile", path=raw / "huge.h5", node="data", index=1)
    assert code == 413
    assert 'daisy.open(...)["data"][1]' in told["message"]


async def test_a_reader_that_dies_is_replaced(ask, raw, jp_serverapp):
    pool = jp_serverapp.web_app.settings["daisy_pool"]
    await ask("plot", path=raw / "scan_0000.nxs")
    for worker in list(pool._all):
        worker.end()
        await worker.process.wait()
    assert (await ask("plot", path=raw / "scan_0000.nxs"))["signal"]


async def test_the_server_answers_while_files_are_read(ask, raw, jp_fetch):
    reading = [
        asyncio.ensure_future(ask("plot", path=raw / "scan_0000.nxs"))
        for _ in range(20)
    ]
    loop = asyncio.get_running_loop()
    begin = loop.time()
    await jp_fetch("daisy", "templates")
    assert loop.time() - begin < 1
    await asyncio.gather(*reading)

"""Routes of the catalogue: samples, neighbours, the newest, small pictures."""

import io
import os
from urllib.parse import quote

import h5py
import numpy as np
import pytest
from PIL import Image

from daisy_kernel.catalog import update


@pytest.fixture
def measured(data):
    """Three scans of two samples, and one that names none; with their index."""
    proposal = data / "B9" / "2026-0200"
    raw = proposal / "raw"
    raw.mkdir(parents=True)
    (proposal / "processed").mkdir()
    for number, (name, sample) in enumerate(
        [("c", "tooth"), ("b", "bone"), ("a", "tooth"), ("d", "")]
    ):
        with h5py.File(raw / f"{name}.h5", "w") as file:
            entry = file.create_group("entry")
            entry.attrs["NX_class"] = "NXentry"
            entry["start_time"] = f"2026-03-0{number + 1}T08:00:00"
            entry["definition"] = "NXtomo" if number else "NXfluo"
            if sample:
                entry["sample/name"] = sample
    return proposal


@pytest.fixture
def indexed(measured):
    update(measured)
    return measured


async def test_samples_come_newest_first_with_their_techniques(ask, indexed):
    found = await ask("samples", proposal=indexed)

    assert [(s["name"], s["scans"]) for s in found["samples"]] == [
        ("", 1), ("tooth", 2), ("bone", 1),
    ]  # fmt: skip
    assert found["techniques"] == ["tomography", "xrf"]
    assert found["pending"] == 0
    some = await ask("samples", proposal=indexed, filter="technique:xrf")
    assert [(s["name"], s["scans"]) for s in some["samples"]] == [("tooth", 1)]


async def test_scans_of_a_sample_and_of_none_come_in_the_order_asked(ask, indexed):
    async def names(**query):
        page = await ask("scans", proposal=indexed, **query)
        return [scan["name"] for scan in page["items"]]

    assert await names() == ["d.h5", "a.h5", "b.h5", "c.h5"]
    assert await names(sample="tooth") == ["a.h5", "c.h5"]
    assert await names(sample="") == ["d.h5"]
    assert await names(order="oldest") == ["c.h5", "b.h5", "a.h5", "d.h5"]
    assert await names(order="name", filter="sample:tooth") == ["a.h5", "c.h5"]


async def test_an_unknown_order_is_refused_with_those_that_are_known(refused, indexed):
    code, told = await refused("scans", proposal=indexed, order="size")
    assert code == 400
    assert "newest, oldest, name" in told["message"]


@pytest.mark.parametrize("with_index", [True, False])
async def test_the_neighbours_of_a_scan_are_those_in_time(ask, measured, with_index):
    for number, name in enumerate("cbad"):  # written in this order
        os.utime(measured / "raw" / f"{name}.h5", (1_770_000_000 + number,) * 2)
    if with_index:
        update(measured)

    async def beside(name, by):
        told = await ask("neighbour", path=measured / "raw" / f"{name}.h5", by=by)
        return told["scan"] and told["scan"]["name"]

    assert await beside("b", 1) == "a.h5"
    assert await beside("b", -1) == "c.h5"
    assert await beside("c", -1) is None
    assert await beside("d", 1) is None


async def test_a_neighbour_is_asked_for_in_a_proposal_only(refused, measured, data):
    loose = data / "loose.h5"
    loose.write_bytes(b"")
    code, told = await refused("neighbour", path=loose, by=1)
    assert (code, "no proposal" in told["message"]) == (404, True)
    code, told = await refused("neighbour", path=measured / "raw" / "a.h5", by=2)
    assert (code, "-1 or 1" in told["message"]) == (400, True)


async def test_the_newest_scan_is_that_of_all_proposals(ask, indexed):
    found = await ask("newest")
    # the other proposals have no index: their files were written this year
    assert found["scan"]["name"] == "scan_0002.nxs"

    with h5py.File(indexed / "raw" / "late.h5", "w") as file:
        file.attrs["default"] = "entry"
        file.create_group("entry").attrs["NX_class"] = "NXentry"
        file["entry/start_time"] = "2027-01-01T00:00:00"
    update(indexed)

    assert (await ask("newest"))["scan"]["name"] == "late.h5"


async def test_a_small_picture_shows_the_default_plot(get, raw):
    answer = await get("thumb", path=raw / "scan_0000.nxs")

    assert answer.headers["Content-Type"] == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(answer.body)))
    assert picture.shape[1] <= 160
    assert len(np.unique(picture)) > 50
    again = await get("thumb", path=raw / "scan_0000.nxs")
    assert again.body == answer.body
    folder = raw.parent / "processed" / ".daisy" / "thumbnails"
    assert [file.read_bytes() for file in folder.iterdir()] == [answer.body]


async def test_a_curve_is_drawn_as_a_line_from_edge_to_edge(get, raw):
    with h5py.File(raw / "curve.h5", "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data")
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="mu")
        data["mu"] = np.concatenate([np.zeros(500), np.ones(500)])

    body = (await get("thumb", path=raw / "curve.h5")).body

    ink = np.asarray(Image.open(io.BytesIO(body))) < 128
    assert ink.any(axis=0).all(), "the line has a gap"
    rows = np.arange(ink.shape[0])
    height = [rows[column].mean() for column in ink.T]
    assert height[0] > 0.9 * ink.shape[0]
    assert height[-1] < 0.1 * ink.shape[0]


@pytest.mark.parametrize("name", ["truncated.h5", "empty.h5", "text.h5", "stopped.h5"])
async def test_a_scan_without_a_picture_has_no_small_one(get, raw, name):
    answer = await get("thumb", path=raw / name)
    assert (answer.code, answer.body) == (204, b"")


async def test_a_small_picture_out_of_the_roots_is_refused(refused, tmp_path):
    secret = tmp_path / "raw" / "secret.h5"
    secret.parent.mkdir()
    secret.write_bytes(b"")
    code, _ = await refused("thumb", path=quote(str(secret), safe="/"))
    assert code == 403

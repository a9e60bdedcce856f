"""Search inside a file, and the difference of two."""

import h5py
import pytest


@pytest.fixture
def deep(raw):
    with h5py.File(raw / "deep.h5", "w") as file:
        file["entry/instrument/detector/Threshold_energy"] = 8.0
        file["entry/instrument/energy"] = 12.4
        file["entry/again"] = h5py.SoftLink("/entry/instrument")
        file["entry/loop"] = h5py.SoftLink("/entry")
        file["entry/out"] = h5py.ExternalLink("/etc/hosts", "/energy")
    return raw / "deep.h5"


async def test_names_are_found_in_all_groups_the_nearest_first(ask, deep):
    found = await ask("find", path=deep, text="ENERGY")

    assert [item["path"] for item in found["items"]] == [
        "entry/again/energy",
        "entry/instrument/energy",
        "entry/again/detector/Threshold_energy",
        "entry/instrument/detector/Threshold_energy",
    ]
    assert found["complete"] is True


async def test_a_path_searches_below_it_and_a_slash_lists_a_group(ask, deep):
    below = await ask("find", path=deep, text="entry/instrument/det")
    listed = await ask("find", path=deep, text="entry/")

    assert [item["path"] for item in below["items"]] == ["entry/instrument/detector"]
    assert [item["name"] for item in listed["items"]][:5] == [
        "again", "instrument", "loop", "out", "detector",
    ]  # fmt: skip


async def test_more_than_asked_for_is_said_to_be_more(ask, deep):
    found = await ask("find", path=deep, text="e", limit=2)
    assert (len(found["items"]), found["complete"]) == (2, False)


async def test_a_group_that_is_not_there_is_named(refused, deep):
    code, told = await refused("find", path=deep, text="entry/absent/x")
    assert code == 404
    assert "absent" in told["message"]


async def test_links_say_where_they_lead(ask, deep):
    page = await ask("children", path=deep, node="entry")
    told = {item["name"]: (item["kind"], item["link"]) for item in page["items"]}

    assert told["again"] == ("group", "soft link to /entry/instrument")
    assert told["loop"] == ("loop", "soft link to /entry")
    assert told["instrument"] == ("group", "")
    assert told["out"] == ("outside", ""), "the target is named only inside the data"


async def test_two_scans_differ_where_their_metadata_do(ask, raw):
    paths = raw / "scan_0000.nxs", raw / "scan_0001.nxs"
    found = await ask("difference", path=paths[0], other=paths[1])

    rows = {row["path"]: (row["first"], row["second"]) for row in found["rows"]}
    assert rows == {
        "entry/title": ("Rings 0", "Rings 1"),
        "entry/start_time": ("2026-11-02T10:00:00", "2026-11-02T10:01:00"),
    }
    assert found["same"] > 10
    assert found["complete"] is True


async def test_what_only_one_of_two_scans_has_is_shown(ask, raw):
    with h5py.File(raw / "scan_0001.nxs", "r+") as file:
        file["entry/note"] = "after the leak"
        file["entry/data/data"].attrs["units"] = "photons"
        del file["entry/monitor"]
    found = await ask(
        "difference", path=raw / "scan_0000.nxs", other=raw / "scan_0001.nxs"
    )
    rows = {row["path"]: (row["first"], row["second"]) for row in found["rows"]}

    assert rows["entry/note"] == (None, "after the leak")
    assert rows["entry/data/data@units"] == ("counts", "photons")
    assert rows["entry/monitor/current"] == ("5000, float64", None)


async def test_a_scan_is_compared_only_with_what_may_be_read(refused, raw, tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = 1
    code, _ = await refused("difference", path=raw / "scan_0000.nxs", other=secret)
    assert code == 403

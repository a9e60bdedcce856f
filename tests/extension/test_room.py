"""The route of room: what home, results and clusters take, of what they may."""

import os

import pytest
from daisy_lab.jobs.sizes import size
from playedgateway import played

TOKEN = "a-token"
MIB = 2**20


def test_a_file_with_two_names_counts_once_and_a_link_leads_nowhere(tmp_path):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    (home / "deep").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "large").write_bytes(os.urandom(8 * MIB))
    before = size(str(home))[0]["used"]
    (home / "deep" / "a").write_bytes(os.urandom(2 * MIB))
    os.link(home / "deep" / "a", home / "b")
    (home / "link").symlink_to(elsewhere)
    (home / "file").symlink_to(elsewhere / "large")

    found, _ = size(str(home))

    assert found["used"] - before == pytest.approx(2 * MIB, abs=64 * 1024)
    assert not found["partial"]
    assert found["free"] > 0


def test_when_time_is_over_it_is_said_that_there_is_more(tmp_path):
    for name in "abc":
        (tmp_path / name).mkdir()

    found, _ = size(str(tmp_path), longest=-1)

    assert found["partial"]


async def test_the_home_is_told_with_its_quota(ask, jp_root_dir, monkeypatch):
    monkeypatch.setenv("DAISY_HOME_QUOTA", str(50 * MIB))
    (jp_root_dir / "mine").write_bytes(os.urandom(3 * MIB))

    found = await ask("room")

    assert found["home"]["used"] >= 3 * MIB
    assert found["home"]["quota"] == 50 * MIB
    assert (found["processed"], found["clusters"]) == ([], None)


async def test_all_of_it_names_what_may_be_written_and_the_hours(ask, raw, monkeypatch):
    processed = raw.parent / "processed"
    processed.mkdir(exist_ok=True)
    (processed / "result").write_bytes(os.urandom(MIB))
    monkeypatch.delenv("DAISY_PROCESSED_QUOTA", raising=False)
    with played(TOKEN) as gateway:
        monkeypatch.setenv("DASK_GATEWAY__ADDRESS", gateway.url)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)
        found = await ask("room", all=1)

    (place,) = [p for p in found["processed"] if p["name"] == "B7/2026-0042"]
    assert place["used"] >= MIB
    assert place["quota"] is None
    assert found["clusters"] == {
        "month": "2026-11",
        "hours": [{"who": "You", "hours": 12.5, "most": 100.0}],
        "problem": "",
    }


async def test_a_gateway_that_is_away_takes_nothing_else_with_it(ask, monkeypatch):
    monkeypatch.setenv("DASK_GATEWAY__ADDRESS", "http://127.0.0.1:9")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)

    found = await ask("room", all=1)

    assert found["home"]["free"] > 0
    assert "The gateway does not answer" in found["clusters"]["problem"]

"""Homes: there with owner and mode, or not at all; and what a sandbox sees as data."""

import os
from pathlib import Path

import pytest
from daisy_hub.homes import accounts_of, sandbox_of
from daisy_hub.settings import Settings
from daisy_hub.views import modes

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def settings(settings: Settings) -> Settings:
    (settings.data / "members.toml").write_text(
        '["B7/P1"]\nmembers = ["anna"]\n["B2/P3"]\nmembers = ["ben"]\n'
    )
    return settings


def folders_in(settings: Settings, name: str) -> list[str]:
    """Folders that an account finds two levels below `~/data`."""
    (mount, *others) = sandbox_of(settings, name).data
    if not AS_ROOT:
        top = mount.target.parents[-4]
        return [str(m.target.relative_to(top)) for m in (mount, *others)]
    assert others == []
    assert mount.target == Path("/home") / name / "data"
    found = mount.source.glob("*/*")
    return sorted(str(p.relative_to(mount.source)) for p in found)


def test_a_home_belongs_to_its_account_and_is_closed_to_others(settings):
    home = sandbox_of(settings, "anna").home

    assert home.stat().st_mode & 0o777 == 0o700
    if AS_ROOT:
        assert home.stat().st_uid == accounts_of(settings).get("anna").uid


def test_a_home_whose_making_was_interrupted_is_made_again(settings, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(modes.os, "chown" if AS_ROOT else "mkdir", killed)
    with pytest.raises(KeyboardInterrupt):
        sandbox_of(settings, "anna")
    monkeypatch.undo()
    assert not (settings.homes / "anna").exists()

    test_a_home_belongs_to_its_account_and_is_closed_to_others(settings)


def test_an_account_sees_its_proposals_and_no_other(settings):
    assert folders_in(settings, "anna") == ["B7/P1"]
    assert folders_in(settings, "ben") == ["B2/P3"]


def test_who_belongs_to_nothing_sees_an_empty_folder(settings):
    (settings.data / "members.toml").write_text("")

    assert folders_in(settings, "ben") == []


def test_every_account_sees_the_public_data(settings):
    for name in ("Public/examples/raw", "Public/examples/processed", "B7/P1/raw"):
        (settings.home / "public" / name).mkdir(parents=True)
    settings.public = settings.home / "public"

    # a proposal of one's own goes before a public one of the same name
    assert folders_in(settings, "anna") == ["B7/P1", "Public/examples"]
    assert folders_in(settings, "ben") == ["B2/P3", "B7/P1", "Public/examples"]


def test_without_public_data_nothing_is_missing(settings):
    settings.public = settings.home / "absent"

    assert folders_in(settings, "ben") == ["B2/P3"]


def test_the_sandbox_has_the_groups_of_the_accounts_proposals(settings):
    if AS_ROOT:
        gid = accounts_of(settings).proposal_gid("B2/P3")
        assert sandbox_of(settings, "ben").groups == (gid,)

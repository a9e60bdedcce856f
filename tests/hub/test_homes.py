"""Homes and `processed` folders: there with owner and mode, or not at all."""

import os
from pathlib import Path

import pytest
from daisy_hub import homes
from daisy_hub.homes import accounts_of, prepare_proposals, sandbox_of
from daisy_hub.settings import Settings

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("B7/P1", "B2/P2"):
        (tmp_path / "data" / name / "raw").mkdir(parents=True)
    (tmp_path / "data" / "members.toml").write_text(
        '["B7/P1"]\nmembers = ["anna"]\n["B2/P2"]\nmembers = ["ben"]\n'
    )
    monkeypatch.setenv("DAISY_SETTINGS", str(tmp_path / "none.toml"))
    settings = Settings(
        home=tmp_path, data=tmp_path / "data", user_environment=Path("/env")
    )
    for name in ("anna", "ben"):
        accounts_of(settings).add(name, "password-8")
    return settings


def test_a_home_belongs_to_its_account_and_is_closed_to_others(settings):
    home = sandbox_of(settings, "anna").home

    assert home.stat().st_mode & 0o777 == 0o700
    if AS_ROOT:
        assert home.stat().st_uid == accounts_of(settings).get("anna").uid


def test_a_home_whose_making_was_interrupted_is_made_again(settings, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(homes.os, "chown" if AS_ROOT else "mkdir", killed)
    with pytest.raises(KeyboardInterrupt):
        sandbox_of(settings, "anna")
    monkeypatch.undo()
    assert not (settings.homes / "anna").exists()

    test_a_home_belongs_to_its_account_and_is_closed_to_others(settings)


def test_processed_is_made_for_its_members_and_shared_by_group(settings):
    assert prepare_proposals(settings) == []

    for proposal in ("B7/P1", "B2/P2"):
        folder = settings.data / proposal / "processed"
        assert folder.stat().st_mode & 0o7777 == 0o2770
        if AS_ROOT:
            gid = accounts_of(settings).proposal_gid(proposal)
            assert folder.stat().st_gid == gid


def test_a_server_prepares_its_own_accounts_proposals_only(settings):
    prepare_proposals(settings, "anna")

    assert (settings.data / "B7/P1/processed").exists()
    assert not (settings.data / "B2/P2/processed").exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root gives proposals their own groups")
def test_a_facilitys_folder_is_left_alone_and_the_line_to_run_is_named(settings):
    folder = settings.data / "B7/P1/processed"
    folder.mkdir(mode=0o755)

    (problem,) = prepare_proposals(settings, "anna")

    assert folder.stat().st_mode & 0o777 == 0o755
    assert f"chgrp -R {accounts_of(settings).proposal_gid('B7/P1')} {folder}" in problem


def test_every_account_sees_the_public_data_and_nobody_may_change_them(settings):
    for name in ("Public/examples/raw", "Public/examples/processed", "B7/P1/raw"):
        (settings.home / "public" / name).mkdir(parents=True)
    settings.public = settings.home / "public"

    seen = {
        name: [
            (str(m.source.relative_to(settings.home)), m.writable)
            for m in sandbox_of(settings, name).proposals
        ]
        for name in ("anna", "ben")
    }

    assert ("public/Public/examples", False) in seen["anna"]
    assert ("public/Public/examples", False) in seen["ben"]
    assert not any("examples/processed" in source for source, _ in seen["ben"])
    # a proposal of one's own goes before a public one of the same name
    assert ("data/B7/P1", False) in seen["anna"]
    assert ("public/B7/P1", False) not in seen["anna"]


def test_without_public_data_nothing_is_missing(settings):
    settings.public = settings.home / "absent"
    assert [m.target.name for m in sandbox_of(settings, "ben").proposals] == ["P2"]

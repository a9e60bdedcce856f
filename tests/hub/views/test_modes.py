"""`processed`: made for its members, closed to others, a facility's left alone."""

import os
from pathlib import Path

import pytest
from daisy_hub.homes import accounts_of, prepare_proposals
from daisy_hub.settings import Settings
from daisy_hub.views import acl

AS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not AS_ROOT, reason="only root gives groups and entries")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    (settings.data / "members.toml").write_text(
        '["B7/P1"]\nmembers = ["anna"]\n["B2/P3"]\nmembers = ["ben"]\n'
    )
    return settings


def uid(settings: Settings, name: str) -> int:
    return accounts_of(settings).get(name).uid


def test_processed_is_made_for_its_members_and_shared_by_group(settings):
    assert prepare_proposals(settings) == []

    for proposal in ("B7/P1", "B2/P3"):
        folder = settings.data / proposal / "processed"
        assert folder.stat().st_mode & 0o7777 == 0o2770
        if AS_ROOT:
            gid = accounts_of(settings).proposal_gid(proposal)
            assert folder.stat().st_gid == gid


def test_a_server_prepares_its_own_accounts_proposals_only(settings):
    prepare_proposals(settings, "anna")

    assert (settings.data / "B7/P1/processed").exists()
    assert not (settings.data / "B2/P3/processed").exists()


@as_root
def test_a_facilitys_folder_is_left_alone_and_the_line_to_run_is_named(settings):
    folder = settings.data / "B7/P1/processed"
    folder.mkdir(mode=0o755)

    (problem,) = prepare_proposals(settings, "anna")

    assert folder.stat().st_mode & 0o777 == 0o755
    assert acl.users_let_in(folder) == {}
    assert f"chgrp -R {accounts_of(settings).proposal_gid('B7/P1')} {folder}" in problem


@as_root
def test_a_folder_that_was_given_to_the_group_lets_members_in_by_their_uid(settings):
    folder = settings.data / "B7/P1/processed"
    folder.mkdir()
    os.chown(folder, -1, accounts_of(settings).proposal_gid("B7/P1"))
    folder.chmod(0o2770)

    assert prepare_proposals(settings, "anna") == []

    assert acl.users_let_in(folder) == {uid(settings, "anna"): acl.WRITE}
    assert acl.users_let_in(folder.parent) == {}


@as_root
def test_where_the_hub_manages_the_modes_the_whole_proposal_is_closed(settings):
    settings.manages_modes = True
    (settings.data / "B7/P1/processed").mkdir(mode=0o777)

    assert prepare_proposals(settings) == []

    whole = settings.data / "B7/P1"
    assert whole.stat().st_mode & 0o007 == 0
    assert acl.users_let_in(whole) == {uid(settings, "anna"): acl.READ}
    assert (whole / "processed").stat().st_mode & 0o7777 == 0o2770


@as_root
def test_who_has_left_has_no_entry_any_more(settings):
    prepare_proposals(settings)
    (settings.data / "members.toml").write_text('["B7/P1"]\nmembers = ["ben"]\n')

    prepare_proposals(settings)

    folder = settings.data / "B7/P1/processed"
    assert acl.users_let_in(folder) == {uid(settings, "ben"): acl.WRITE}


@as_root
def test_new_members_may_write_to_the_index_and_no_link_of_a_member_is_followed(
    settings, tmp_path: Path
):
    prepare_proposals(settings)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    index = settings.data / "B7/P1/processed/.daisy"
    (index / "inbox").mkdir(parents=True)
    (index / "elsewhere").symlink_to(foreign)

    prepare_proposals(settings)

    for folder in (index, index / "inbox"):
        assert uid(settings, "anna") in acl.users_let_in(folder)
    assert acl.users_let_in(foreign) == {}
    (settings.data / "B2/P3/processed/.daisy").symlink_to(foreign)
    assert prepare_proposals(settings) == []
    assert acl.users_let_in(foreign) == {}

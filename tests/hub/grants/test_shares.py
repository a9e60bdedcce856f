"""Shared notebooks are found in the proposals, and nothing there leads astray."""

import os
import shutil

import pytest
from daisy_hub import audit
from daisy_hub.grants.shares import note_shares
from daisy_hub.homes import accounts_of
from daisy_hub.proposals import all_proposals

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other uids")


def look(settings) -> list[tuple[str, str, str]]:
    accounts = accounts_of(settings)
    note_shares(settings, accounts, all_proposals(settings, accounts))
    return [
        (e["actor"], e["proposal"], e["notebook"])
        for e in audit.events(settings, "notebook.shared")
    ]


@pytest.fixture
def share(settings):
    """Share a version: share("B7/P1", "rings", 1, "anna")."""

    def put(proposal: str, name: str, version: int, owner: str) -> None:
        folder = settings.data / proposal / "processed/.daisy/gallery" / name
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"v{version:03d}.ipynb"
        file.write_text("{}")
        file.with_suffix(".json").write_text("{}")
        if os.geteuid() == 0:
            os.chown(file, accounts_of(settings).get(owner).uid, -1)

    return put


@as_root
def test_each_version_is_noted_once_with_who_owns_its_file(settings, share):
    share("B7/P1", "rings", 1, "anna")
    assert look(settings) == [("anna", "B7/P1", "rings/v001")]
    assert len(look(settings)) == 1

    share("B7/P1", "rings", 2, "ben")
    share("B2/P3", "rings", 1, "ben")
    assert sorted(look(settings)[1:]) == [
        ("ben", "B2/P3", "rings/v001"),
        ("ben", "B7/P1", "rings/v002"),
    ]


def test_a_proposal_that_was_away_is_not_noted_again(settings, share):
    share("B7/P1", "rings", 1, "anna")
    look(settings)
    (settings.data / "B7/P1").rename(settings.data / "away")
    look(settings)
    (settings.data / "away").rename(settings.data / "B7/P1")

    assert len(look(settings)) == 1


@pytest.mark.parametrize("part", ["", ".daisy", ".daisy/gallery", ".daisy/gallery/x"])
def test_a_link_leads_nowhere(settings, share, tmp_path, part):
    share("B2/P3", "rings", 1, "ben")
    processed = settings.data / "B7/P1/processed" / part
    shutil.rmtree(processed, ignore_errors=True)
    processed.parent.mkdir(parents=True, exist_ok=True)
    depth = {"": "", ".daisy": ".daisy", ".daisy/gallery": ".daisy/gallery"}
    target = settings.data / "B2/P3/processed" / depth.get(part, ".daisy/gallery/rings")
    processed.symlink_to(target)

    assert {proposal for _, proposal, _ in look(settings)} == {"B2/P3"}


def test_what_is_no_version_and_what_is_no_folder_is_passed_over(settings, share):
    share("B7/P1", "rings", 1, "anna")
    gallery = settings.data / "B7/P1/processed/.daisy/gallery"
    (gallery / "file").write_text("x")
    (gallery / "rings" / "notes.ipynb").write_text("{}")

    assert [notebook for _, _, notebook in look(settings)] == ["rings/v001"]

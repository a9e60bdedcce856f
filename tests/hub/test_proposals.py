"""Who sees which proposal."""

from pathlib import Path

import pytest
from daisy_hub.proposals import MembersFileInvalid, proposals_of

ACCOUNTS = ("anna", "ben")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("B7/P1", "B7/P2", "B2/P3"):
        (tmp_path / name / "raw").mkdir(parents=True)
    return tmp_path


def seen_by(account: str, tree: Path) -> list[str]:
    return [p.identifier for p in proposals_of(account, tree, ACCOUNTS)]


def test_without_a_members_file_the_first_account_sees_all_and_others_nothing(tree):
    assert seen_by("anna", tree) == ["B2/P3", "B7/P1", "B7/P2"]
    assert seen_by("ben", tree) == []


def test_members_see_their_proposals_and_no_other(tree):
    (tree / "members.toml").write_text(
        '["B7/P1"]\nmembers = ["anna"]\n["B2/P3"]\nmembers = ["anna", "ben"]\n'
    )

    assert seen_by("anna", tree) == ["B2/P3", "B7/P1"]
    assert seen_by("ben", tree) == ["B2/P3"]


@pytest.mark.parametrize(
    "text",
    ["not toml", '["B7/P1"]\nmembers = "anna"', "B7 = 1", '["B7/P1"]\ntitle = "x"'],
)
def test_a_members_file_that_is_not_clear_grants_nothing(tree, text):
    (tree / "members.toml").write_text(text)

    with pytest.raises(MembersFileInvalid, match=r"members\.toml"):
        seen_by("anna", tree)


def test_a_symbolic_link_is_no_proposal(tree):
    (tree / "B7" / "elsewhere").symlink_to("/etc")

    assert "B7/elsewhere" not in seen_by("anna", tree)


def test_an_entry_without_a_folder_is_no_proposal(tree):
    (tree / "members.toml").write_text('["B9/GONE"]\nmembers = ["anna"]\n')

    assert seen_by("anna", tree) == []

"""Finding the proposals of a tree by its template."""

from pathlib import Path

import pytest
from daisy_hub.proposals import Template, TreeInvalid, folders_of


def tree(top: Path, *names: str) -> Path:
    for name in names:
        (top / name).mkdir(parents=True)
    return top


def found(top: Path, template: str) -> dict[str, str]:
    return {
        f.identifier: str(f.path.relative_to(top))
        for f in folders_of(top, Template(template))
    }


def test_a_plain_tree_is_seen_as_it_lies_on_disk(tmp_path):
    tree(tmp_path, "B7/P1", "B7/P2", "B2/P3", "B7/.hidden")

    assert found(tmp_path, "{beamline}/{proposal}") == {
        "B2/P3": "B2/P3",
        "B7/P1": "B7/P1",
        "B7/P2": "B7/P2",
    }


def test_visits_of_a_proposal_are_told_apart_and_the_cycle_is_left_out(tmp_path):
    tree(tmp_path, "B7/2026-1/P1/v1", "B7/2026-2/P1/v2")

    assert found(tmp_path, "{beamline}/{cycle}/{proposal}/{visit}") == {
        "B7/P1-v1": "B7/2026-1/P1/v1",
        "B7/P1-v2": "B7/2026-2/P1/v2",
    }


def test_without_a_visit_the_cycle_is_part_of_the_name(tmp_path):
    tree(tmp_path, "2026-1/B7/P1", "2026-2/B7/P1")

    assert found(tmp_path, "{cycle}/{beamline}/{proposal}") == {
        "B7/2026-1-P1": "2026-1/B7/P1",
        "B7/2026-2-P1": "2026-2/B7/P1",
    }


def test_text_beside_a_field_is_no_part_of_the_name(tmp_path):
    tree(tmp_path, "id-B7/p17", "id-B7/notes", "other/p18")

    assert found(tmp_path, "id-{beamline}/p{proposal}") == {"B7/17": "id-B7/p17"}


def test_two_folders_of_one_name_are_refused_and_both_are_named(tmp_path):
    tree(tmp_path, "B7/2026-1/P1/v1", "B7/2026-2/P1/v1")

    with pytest.raises(TreeInvalid, match=r"2026-2/P1/v1 and .*2026-1/P1/v1"):
        found(tmp_path, "{beamline}/{cycle}/{proposal}/{visit}")


def test_a_symbolic_link_is_no_proposal_and_no_beamline(tmp_path):
    tree(tmp_path, "B7/P1")
    (tmp_path / "B7" / "elsewhere").symlink_to("/etc")
    (tmp_path / "B8").symlink_to(tmp_path / "B7")

    assert list(found(tmp_path, "{beamline}/{proposal}")) == ["B7/P1"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{beamline}",
        "{proposal}/{proposal}/{beamline}",
        "{beamline}/raw/{proposal}",
        "{beamline}{proposal}",
        "{beamline}/{proposal}/{who}",
        "/{beamline}/{proposal}",
    ],
)
def test_what_is_no_template_is_refused_with_an_example(text):
    with pytest.raises(TreeInvalid, match=r"tree ="):
        Template(text)

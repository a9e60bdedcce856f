"""The table of members: clear, or refused by name."""

from datetime import date

import pytest
from daisy_hub.proposals import MembersInvalid, read_table


def test_an_entry_says_who_and_when(tmp_path):
    (tmp_path / "members.toml").write_text(
        '["B7/P1"]\ntitle = "Enamel"\nmembers = ["anna"]\ngroups = ["p1"]\n'
        "temporary = { guest = 2026-12-05 }\n"
        "raw = { from = 2026-11-01, everybody = 2029-11-01 }\n"
        "processed = { until = 2027-11-01 }\n"
    )

    entry = read_table(tmp_path)["B7/P1"]

    assert entry.named == ("anna", "guest")
    assert entry.groups == ("p1",)
    assert entry.temporary["guest"] == date(2026, 12, 5)
    assert entry.raw.window().everybody == date(2029, 11, 1)
    assert entry.processed.window().end == date(2027, 11, 1)


def test_no_file_is_not_an_empty_one(tmp_path):
    assert read_table(tmp_path) is None


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        '["B7/P1"]\nmembers = "anna"',
        "B7 = 1",
        '["B7/P1"]\ntitle = "x"',
        '["B7/P1"]\nmembers = [1]',
        '["B7/P1"]\nmembers = []\nmebmers = ["ben"]',
        '["B7/P1"]\nmembers = []\ntemporary = { guest = "soon" }',
        '["B7/P1"]\nmembers = []\ntemporary = { guest = 2026-12-05T12:00:00 }',
        '["B7/P1"]\nmembers = []\nraw = { until = 2027-01-01 }',
    ],
)
def test_what_is_not_clear_is_refused_with_the_files_name(tmp_path, text):
    (tmp_path / "members.toml").write_text(text)

    with pytest.raises(MembersInvalid, match=r"members\.toml"):
        read_table(tmp_path)

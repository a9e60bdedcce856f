"""What a view shows: whole proposals, single areas, a beamline, what is public."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from daisy_hub.homes import accounts_of
from daisy_hub.proposals import Person, all_proposals, proposals_of
from daisy_hub.settings import Settings
from daisy_hub.views.wanted import wanted

TOMORROW = date.today() + timedelta(days=1)
YESTERDAY = date.today() - timedelta(days=1)


@pytest.fixture
def shown(settings: Settings) -> Callable[[Person], dict[str, str]]:
    for name in ("B7/P1", "B7/P2", "B2/P3"):
        (settings.data / name / "processed").mkdir()

    def show(person: Person) -> dict[str, str]:
        """Folder on disk by place, and whether it is writable."""
        proposals = proposals_of(person, all_proposals(settings, accounts_of(settings)))
        top = settings.home
        return {
            str(v.target): f"{v.source.relative_to(top)} {'rw' if v.writable else 'ro'}"
            for v in wanted(settings, person, proposals)
        }

    return show


def test_a_member_has_the_whole_and_writes_in_processed(shown, say):
    say('["B7/P1"]\nmembers = ["anna"]')

    assert shown(Person("anna")) == {
        "B7/P1": "data/B7/P1 ro",
        "B7/P1/processed": "data/B7/P1/processed rw",
    }


def test_before_the_first_day_of_raw_only_processed_is_there(shown, say):
    say(f'["B7/P1"]\nmembers = ["anna"]\nraw = {{ from = {TOMORROW} }}')

    assert shown(Person("anna")) == {"B7/P1/processed": "data/B7/P1/processed rw"}


def test_after_the_embargo_others_have_raw_alone(shown, say):
    say(f'["B7/P1"]\nmembers = ["anna"]\nraw = {{ everybody = {YESTERDAY} }}')

    assert shown(Person("ben")) == {"B7/P1/raw": "data/B7/P1/raw ro"}


def test_staff_have_their_beamline_as_one_mount_and_write_where_they_belong(shown, say):
    say('["B7/P1"]\nmembers = ["ben"]\n["B2/P3"]\nmembers = ["ben"]')

    assert shown(Person("ben", roles=frozenset({"staff:B7"}))) == {
        "B7": "data/B7 ro",
        "B7/P1/processed": "data/B7/P1/processed rw",
        "B2/P3": "data/B2/P3 ro",
        "B2/P3/processed": "data/B2/P3/processed rw",
    }


@pytest.mark.parametrize("beamline", ["..", "B7/..", "B9", "link", "", "."])
def test_a_role_for_what_is_no_beamline_shows_nothing(
    shown, say, settings, beamline, tmp_path: Path
):
    say("")
    (settings.data / "link").symlink_to(tmp_path)

    assert shown(Person("ben", roles=frozenset({f"staff:{beamline}"}))) == {}


def test_a_processed_that_is_a_link_is_not_mounted(shown, say, settings):
    say('["B7/P1"]\nmembers = ["anna"]')
    (settings.data / "B7/P1/processed").rmdir()
    (settings.data / "B7/P1/processed").symlink_to("/etc")

    assert shown(Person("anna")) == {"B7/P1": "data/B7/P1 ro"}


def test_deep_trees_are_seen_at_two_levels(new_settings):
    settings = new_settings(tree="{beamline}/{cycle}/{proposal}/{visit}")
    (settings.data / "B7/2026-1/P1/v1/raw").mkdir(parents=True)
    accounts_of(settings).add("anna", "a-long-password")
    proposals = all_proposals(settings, accounts_of(settings))

    (viewed,) = wanted(settings, Person("anna"), proposals)

    assert viewed.target == Path("B7/P1-v1")
    assert viewed.source == settings.data / "B7/2026-1/P1/v1"

"""Announcements: on the next page, until their time, and never as markup."""

from datetime import datetime, timedelta

import pytest
from daisy_hub.announcements import Announcement
from markupsafe import Markup


@pytest.fixture
def announcement(settings) -> Announcement:
    return Announcement.of(settings)


def test_what_is_announced_is_shown_until_something_else_is(announcement):
    assert not announcement
    announcement.say("Down on Friday", None)
    assert announcement.text == "Down on Friday"

    announcement.say("", None)

    assert not announcement


def test_what_is_over_is_not_shown(announcement):
    now = datetime.now()
    announcement.say("later", now + timedelta(hours=1))
    assert announcement
    announcement.say("before", now - timedelta(seconds=1))
    assert not announcement


def test_text_is_text_also_where_a_template_calls_it_safe(announcement):
    announcement.say("<script>alert(1)</script>", None)

    assert "<script>" not in Markup(announcement)


def test_a_damaged_file_is_no_announcement(announcement):
    announcement.path.write_text("{")

    assert not announcement

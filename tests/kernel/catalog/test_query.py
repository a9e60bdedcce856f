"""Searches are read as they are meant, or refused with what could be written."""

import contextlib
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daisy_kernel.catalog.query import period, spaced, understand
from daisy_kernel.model.errors import SearchNotUnderstood

NOW = datetime(2026, 11, 25, 12, 30)
EVENING, MINUTE = datetime(2026, 1, 31, 18, 5), timedelta(minutes=1)


def test_fields_words_and_exclusions_are_kept_apart() -> None:
    query = understand('sample:tooth "run 7" -dark area:raw proposal:2026-0042')

    assert query.match == '{sample} : ("tooth" *) AND ("run 7")'
    assert query.without == '("dark" *)'
    assert query.where == [("area = ?", ("raw",))]
    assert query.proposals == {"2026-0042"}


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("2026", datetime(2026, 1, 1), datetime(2027, 1, 1)),
        ("2026-12", datetime(2026, 12, 1), datetime(2027, 1, 1)),
        ("2026-01-31", datetime(2026, 1, 31), datetime(2026, 2, 1)),
        (
            "2026-01-31T18:05",
            datetime(2026, 1, 31, 18, 5),
            datetime(2026, 1, 31, 18, 6),
        ),
        ("today", datetime(2026, 11, 25), datetime(2026, 11, 26)),
        ("yesterday", datetime(2026, 11, 24), datetime(2026, 11, 25)),
        ("3h", datetime(2026, 11, 25, 9, 30), NOW),
        (
            f"@{int(NOW.timestamp())}",
            NOW.replace(microsecond=0),
            NOW.replace(microsecond=0) + timedelta(seconds=1),
        ),
    ],
)
def test_a_date_is_a_period(text: str, first: datetime, end: datetime) -> None:
    assert period(text, NOW) == (first, end)


def test_after_a_month_begins_with_it_and_before_ends_ahead_of_it() -> None:
    query = understand("after:2026-01 before:2026-03", NOW)

    assert query.first == datetime(2026, 1, 1).timestamp()
    assert query.end == datetime(2026, 3, 1).timestamp()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("foo:bar", "fields are name:"),
        ("after:soon", "write a date"),
        ("energy:blue", "write keV"),
        ("energy:1.2.3", "write keV"),
        ("-after:2026", "without the -"),
    ],
)
def test_what_says_nothing_is_refused_with_what_could(text: str, said: str) -> None:
    with pytest.raises(SearchNotUnderstood, match=said):
        understand(text)


def test_every_chinese_sign_is_a_word() -> None:
    assert spaced("样品A") == "样 品 A"


@given(st.text())
def test_no_text_is_worse_than_refused(text: str) -> None:
    with contextlib.suppress(SearchNotUnderstood):
        assert understand(text, NOW)

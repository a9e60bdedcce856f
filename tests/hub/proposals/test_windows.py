"""Days on which an area is open: the team keeps its own, an embargo ends."""

from datetime import date, timedelta

from daisy_hub.proposals import Window
from hypothesis import given
from hypothesis import strategies as st

DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))
WINDOWS = st.builds(Window, *[st.none() | DAYS] * 3)


@given(WINDOWS, DAYS, st.booleans())
def test_who_could_read_can_read_for_ever(window, day, write):
    if window.for_members(day, write=write):
        assert window.for_members(day + timedelta(days=1000), write=write)
    if window.for_others(day):
        assert window.for_others(day + timedelta(days=1000))


@given(WINDOWS, DAYS)
def test_members_see_no_less_than_others_and_others_never_write(window, day):
    others = window.for_others(day)
    assert others != "write"
    if others:
        assert window.for_members(day, write=True)


@given(WINDOWS, DAYS)
def test_nobody_writes_what_cannot_be_written(window, day):
    assert window.for_members(day, write=False) != "write"


def test_the_last_day_counts_and_so_does_the_first():
    first, last = date(2026, 11, 2), date(2026, 11, 20)
    window = Window(first, last)
    day = timedelta(days=1)

    assert window.for_members(first - day, write=True) == ""
    assert window.for_members(first, write=True) == "write"
    assert window.for_members(last, write=True) == "write"
    assert window.for_members(last + day, write=True) == "read"
    assert window.for_others(last + day) == ""

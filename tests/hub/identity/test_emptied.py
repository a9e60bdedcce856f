"""Who has lost every group, and who only seems to."""

import pytest
from daisy_hub.identity.emptied import ON_THE_WAY, Emptied

ALONE, LONGEST = 600.0, 24 * 3600.0


@pytest.fixture
def emptied() -> Emptied:
    return Emptied(alone_seconds=ALONE, longest_seconds=LONGEST)


def test_it_is_believed_once_somebody_else_is_given_groups_afterwards(emptied):
    emptied.heard_of("ben", groups=True, now=0)
    emptied.heard_of("anna", groups=False, now=10)
    assert not emptied.is_believed("anna", 10)
    assert emptied.doubted(10) == ["anna"]

    emptied.heard_of("ben", groups=True, now=60)

    assert emptied.is_believed("anna", 70)
    assert emptied.doubted(70) == []


def test_an_answer_that_was_on_its_way_proves_nothing(emptied):
    emptied.heard_of("anna", groups=False, now=10)
    emptied.heard_of("ben", groups=True, now=10 + ON_THE_WAY / 2)

    assert not emptied.is_believed("anna", 70)


def test_a_provider_that_gives_groups_to_nobody_takes_none_for_a_day(emptied):
    for minute in range(60):
        for name in ("anna", "ben", "cora"):
            emptied.heard_of(name, groups=False, now=60 * minute)
            assert not emptied.is_believed(name, 60 * minute)

    assert emptied.doubted(3600) == ["anna", "ben", "cora"]
    assert emptied.is_believed("anna", LONGEST)


def test_who_is_alone_is_believed_after_a_while(emptied):
    emptied.heard_of("anna", groups=False, now=0)

    assert not emptied.is_believed("anna", ALONE - 1)
    assert emptied.is_believed("anna", ALONE)


def test_groups_that_are_back_end_the_doubt(emptied):
    emptied.heard_of("anna", groups=False, now=0)
    emptied.heard_of("anna", groups=True, now=60)

    assert emptied.doubted(60) == []
    emptied.heard_of("anna", groups=False, now=700)
    assert not emptied.is_believed("anna", 700)


def test_whoever_was_believed_is_no_sign_of_a_fault(emptied):
    emptied.heard_of("anna", groups=False, now=0)
    emptied.forget("anna")
    emptied.heard_of("ben", groups=False, now=10)

    assert emptied.is_believed("ben", 10 + ALONE)

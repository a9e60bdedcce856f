"""Passwords cannot be tried out, and nobody is locked out by who tries."""

import pytest
from daisy_hub.identity.guesses import MANY_KEYS, OF_ADDRESS, OF_NAME, Guesses

HOME, ELSEWHERE = "10.0.0.1", "192.0.2.7"


@pytest.fixture
def guesses() -> Guesses:
    return Guesses()


def tries(guesses: Guesses, count: int, name: str, address: str, now: float) -> int:
    """Give wrong passwords; return how many of them were looked at."""
    return sum(guesses.begin(name, address, now) is None for _ in range(count))


def test_after_some_wrong_passwords_one_may_be_tried_now_and_then(guesses):
    assert tries(guesses, 100, "anna", ELSEWHERE, 0) == OF_NAME.attempts
    assert guesses.begin("anna", ELSEWHERE, 1).seconds == OF_NAME.seconds - 1

    assert tries(guesses, 100, "anna", ELSEWHERE, OF_NAME.seconds) == 1
    hour = sum(tries(guesses, 5, "anna", ELSEWHERE, now) for now in range(30, 3630))
    assert 0.95 < hour / (3600 / OF_NAME.seconds) <= 1


def test_many_addresses_are_no_way_around(guesses):
    looked_at = [guesses.begin("anna", f"10.1.0.{n}", 0) is None for n in range(200)]

    assert sum(looked_at) == OF_NAME.attempts


def test_many_names_are_no_way_around(guesses):
    looked_at = [guesses.begin(f"name{n}", ELSEWHERE, 0) is None for n in range(1000)]

    assert sum(looked_at) == OF_ADDRESS.attempts


def test_who_has_logged_in_here_before_is_not_kept_out_by_who_guesses(guesses):
    assert guesses.begin("anna", HOME, 0) is None
    guesses.was_right("anna", HOME, 0)
    tries(guesses, 100, "anna", ELSEWHERE, 10)
    for n in range(1000):
        guesses.begin(f"name{n}", HOME, 10)

    assert guesses.begin("anna", HOME, 10) is None
    # but the address of somebody is no way around either
    assert tries(guesses, 100, "anna", HOME, 10) == OF_NAME.attempts - 1


def test_a_class_that_logs_in_at_once_is_no_attack(guesses):
    names = [f"guest-{n}" for n in range(200)]

    assert all(guesses.begin(name, HOME, 0) is None for name in names)
    for name in names:
        guesses.was_right(name, HOME, 1)

    assert guesses.begin("guest-late", HOME, 1) is None
    assert tries(guesses, 1000, "nobody", HOME, 1) == OF_NAME.attempts


def test_mistyping_and_then_typing_right_starts_afresh(guesses):
    tries(guesses, 9, "anna", HOME, 0)
    assert guesses.begin("anna", HOME, 1) is None
    guesses.was_right("anna", HOME, 1)

    assert tries(guesses, 100, "anna", HOME, 2) == OF_NAME.attempts


def test_names_that_were_tried_long_ago_take_no_memory(guesses):
    for n in range(MANY_KEYS + 1):
        guesses.begin(f"name{n}", f"address{n}", n * 1e4)

    assert len(guesses._used) < 10


def test_only_the_first_that_is_held_back_is_told(guesses):
    tries(guesses, OF_NAME.attempts, "anna", ELSEWHERE, 0)

    first = [guesses.begin("anna", ELSEWHERE, 1).first for _ in range(5)]

    assert first == [True, False, False, False, False]
    assert tries(guesses, 1, "anna", ELSEWHERE, OF_NAME.seconds) == 1
    assert guesses.begin("anna", ELSEWHERE, OF_NAME.seconds).first

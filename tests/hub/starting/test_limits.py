"""What a server of the local back end may take: tried with real processes."""

import os
import subprocess
import sys
import time

import pytest
from daisy_hub.starting.limits import outer_words, time_words
from daisy_hub.starting.profiles import ServerProfile


def profile(**entries: object) -> ServerProfile:
    return ServerProfile(name="small", title="Small", **entries)


def python(words: list[str], code: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*words, sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_process_that_wants_too_much_memory_gets_an_error_and_lives_on():
    code = "try:\n  bytearray(900_000_000)\nexcept MemoryError:\n  print('lives on')"

    limited = python(outer_words(profile(memory="512 MiB"), 0), code)

    assert limited.stdout == "lives on\n"
    assert python([], code).stdout == ""


def test_a_process_cannot_lift_its_limit_of_memory():
    code = (
        "import os, resource\n"
        "if os.geteuid() == 0: os.setuid(70_000)\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (2**40, 2**40))"
    )

    assert "not allowed" in python(outer_words(profile(memory="1 GiB"), 0), code).stderr


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_a_server_sees_the_processors_of_its_profile(seed):
    code = "import os; print(len(os.sched_getaffinity(0)))"

    assert python(outer_words(profile(cpus=0.5), seed), code).stdout == "1\n"


def test_more_processors_than_there_are_is_all_of_them():
    code = "import os; print(len(os.sched_getaffinity(0)))"
    there = len(os.sched_getaffinity(0))

    assert python(outer_words(profile(cpus=9_999), 3), code).stdout == f"{there}\n"


def test_a_server_is_ended_when_its_time_is_over():
    began = time.monotonic()

    ended = python(time_words(profile(hours=1 / 3600)), "import time; time.sleep(50)")

    assert time.monotonic() - began < 20
    assert ended.returncode == 124


def test_a_profile_without_numbers_bounds_nothing():
    assert outer_words(profile(), 0) == []
    assert time_words(profile()) == []

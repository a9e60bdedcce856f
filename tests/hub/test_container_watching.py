"""A watch by choice where the hub is a container and sees no data."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from containers import containers_of

from daisy_kernel.demo import tomography as demo

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

SHARED, BENS = "B4/2026-0100", "B2/2026-0107"
SETUP = demo.Setup(46, 16, 96, 45.2, flats=3, darks=3)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.5)
    return False


@pytest.fixture(scope="module")
def anna(docker_installation, log_in) -> Iterator:
    """Anna, whose choice ends with the tests."""
    person = log_in(docker_installation, "anna")
    yield person
    person.start_server()
    person.terminal(f"daisy watch {SHARED} --no-keep")


def chosen(installation) -> list[tuple[str, str]]:
    text = (installation.home / "state" / "watches.json").read_text()
    return [(choice["user"], choice["proposal"]) for choice in json.loads(text)]


def test_who_is_no_member_is_refused(anna):
    said = anna.terminal(f"daisy watch {BENS} --keep")

    assert f"anna is no member of a proposal {BENS}" in said


def test_a_choice_is_taken_and_listed(anna, docker_installation):
    said = anna.terminal(f"daisy watch {SHARED} --keep")

    assert chosen(docker_installation) == [("anna", SHARED)], said
    assert "server up" in anna.terminal(f"daisy watch {SHARED} --list")


def test_a_server_that_was_stopped_comes_back_and_carries_out_rules_for_nobody(
    anna, docker_installation
):
    """As at night: nobody has a page open."""
    assert "workflow: tomography" in anna.terminal(f"daisy rules {SHARED} --write")
    anna.stop_server()
    assert wait_for(lambda: "anna" not in containers_of(docker_installation, "server"))
    proposal = Path(docker_installation.facts["data"]) / SHARED

    assert wait_for(lambda: "anna" in containers_of(docker_installation, "server"))
    demo.write_nxtomo(proposal / "raw" / "night.nxs", SETUP, 5, "small")

    results = proposal / "processed" / "night"
    assert wait_for(lambda: len(list(results.glob("run_*/volume.h5"))) == 1, 120)

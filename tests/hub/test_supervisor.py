"""The supervisor: starts what has ended, ever more seldom what does not stay up."""

import itertools
import os
from types import SimpleNamespace

import psutil
import pytest
from daisy_hub import supervisor, up
from daisy_hub.supervisor import Supervisor

ME = psutil.Process(os.getpid())
SETTINGS = SimpleNamespace(profile="local")


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Parts that run, the time, and how often something was started."""
    state = SimpleNamespace(now=1000.0, running=dict.fromkeys(up.PARTS, ME), starts=[])
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: state.now)
    monkeypatch.setattr(up, "running_parts", lambda settings: dict(state.running))
    monkeypatch.setattr(
        up, "start_missing", lambda settings, say: state.starts.append(state.now)
    )
    return state


def looks(supervisor: Supervisor, played: SimpleNamespace, seconds: int) -> list[float]:
    begin = played.now
    while played.now < begin + seconds:
        supervisor.look()
        played.now += 1
    return [at - begin for at in played.starts]


def test_nothing_is_started_while_all_parts_run(played):
    assert looks(Supervisor(lambda: SETTINGS), played, 20) == []


def test_what_is_missing_is_started_at_once(played):
    del played.running["hub"]

    Supervisor(lambda: SETTINGS).look()

    assert len(played.starts) == 1


def test_what_does_not_stay_up_is_started_ever_more_seldom(played):
    del played.running["gateway"]

    starts = looks(Supervisor(lambda: SETTINGS), played, 300)

    pauses = [b - a for a, b in itertools.pairwise(starts)]
    assert pauses[:3] == [4, 8, 16]
    assert max(pauses) == supervisor.LONGEST_PAUSE


def test_after_a_long_time_up_an_end_is_a_first_one_again(played):
    guard = Supervisor(lambda: SETTINGS)
    del played.running["hub"]
    looks(guard, played, 100)
    played.running["hub"] = ME
    looks(guard, played, 200)
    played.starts.clear()
    del played.running["hub"]
    guard._known = {}

    assert looks(guard, played, 2)[0] == 0

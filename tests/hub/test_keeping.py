"""The keeper of servers, with a hub that is played: choices, pauses, limits, ends."""

import asyncio
import itertools
import json
from pathlib import Path

import pytest
from daisy_hub import check
from daisy_hub.homes import accounts_of
from daisy_hub.settings import Settings, load
from daisy_hub.watching import attempts, keeper
from daisy_hub.watching.attempts import Attempts
from daisy_hub.watching.choices import Choices, ChoicesInvalid
from daisy_hub.watching.hubapi import HubSilent, StartRefused
from daisy_hub.watching.keeper import Keeper, MembersUnknown, Refused
from daisy_hub.watching.stops import note_stop

SHARED, BENS = "B4/2026-0100", "B2/2026-0107"


class PlayedHub:
    """Servers by user, and what was asked."""

    def __init__(self) -> None:
        self.states = {"anna": "down", "ben": "down"}
        self.started: list[str] = []
        self.refuses = ""
        self.silent = ""

    async def state(self, user: str) -> str:
        if user == self.silent:
            raise HubSilent("it does not answer")
        return self.states.get(user, "nobody")

    async def start(self, user: str) -> None:
        self.started.append(user)
        if self.refuses:
            raise StartRefused(self.refuses)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    data = tmp_path / "data"
    for name in (SHARED, BENS):
        (data / name / "raw").mkdir(parents=True)
    write_members(data, {SHARED: ["anna", "ben"], BENS: ["ben"]})
    file = tmp_path / "settings.toml"
    file.write_text(
        f'home = "{tmp_path}"\ndata = "{data}"\nuser_environment = "/env"\n'
        "watching_servers = 1\nwatching_rest_seconds = 100\n"
    )
    monkeypatch.setenv("DAISY_SETTINGS", str(file))
    loaded = load()
    loaded.state.mkdir()
    for name in ("anna", "ben"):
        accounts_of(loaded).add(name, "a-long-password")
    return loaded


def write_members(data: Path, members: dict[str, list[str]]) -> None:
    lines = (f'["{name}"]\nmembers = {json.dumps(m)}\n' for name, m in members.items())
    (data / "members.toml").write_text("".join(lines))


@pytest.fixture
def hub() -> PlayedHub:
    return PlayedHub()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keeper.time, "monotonic", clock.monotonic)
    return clock


@pytest.fixture
def kept(settings: Settings, hub: PlayedHub, clock: Clock) -> Keeper:
    return Keeper(settings, Choices(settings.watches_file), hub)


def look(kept: Keeper) -> None:
    asyncio.run(kept.look())


def test_a_server_that_is_down_is_started_and_one_that_is_up_is_left(kept, hub):
    kept.choose("anna", SHARED)
    look(kept)
    assert hub.started == ["anna"]

    hub.states["anna"] = "up"
    look(kept)

    assert hub.started == ["anna"]
    assert kept.told("ben")["watches"][0]["state"] == "server up"


def test_a_server_that_is_being_started_is_not_started_again(kept, hub, clock):
    kept.choose("anna", SHARED)
    hub.states["anna"] = "busy"
    clock.now += 1000

    look(kept)

    assert hub.started == []


def test_a_server_that_is_up_is_asked_for_no_more_often_than_the_hub_looks(
    kept, hub, clock
):
    kept.choose("anna", SHARED)
    hub.states["anna"] = "up"
    look(kept)
    hub.states["anna"] = "down"
    clock.now += keeper.UP_EVERY - 1
    look(kept)
    assert hub.started == []

    clock.now += 2
    look(kept)

    assert hub.started == ["anna"]


def test_a_hub_that_is_silent_about_one_is_asked_for_the_others(
    settings, hub, monkeypatch
):
    choices = Choices(settings.watches_file)
    choices.add("anna", SHARED)
    choices.add("ben", SHARED)
    hub.silent = "anna"
    two = settings.model_copy(update={"watching_servers": 2})

    with pytest.raises(HubSilent):
        look(Keeper(two, choices, hub))

    assert hub.started == ["ben"]


def test_nobody_is_kept_who_has_not_chosen(kept, hub):
    look(kept)

    assert hub.started == []


def test_the_pause_grows_while_a_server_does_not_stay_up(kept, hub, clock):
    kept.choose("anna", SHARED)
    hub.refuses = "the disk is full"
    begun = []
    for _ in range(400):
        before = len(hub.started)
        look(kept)
        if len(hub.started) > before:
            begun.append(clock.now)
        clock.now += 5

    pauses = [b - a for a, b in itertools.pairwise(begun)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert max(pauses) == attempts.LONGEST_PAUSE
    (told,) = kept.told("ben")["watches"]
    assert "did not stay up" in told["state"]
    assert "the disk is full" in told["state"]


def test_a_server_that_was_up_for_long_is_started_at_once(clock):
    tried = Attempts()
    for _ in range(6):
        tried.start(clock.now)
    tried.is_up(clock.now)
    tried.is_up(clock.now + attempts.STEADY)
    tried.is_down()

    tried.start(clock.now)

    assert tried.next_at == clock.now + attempts.FIRST_PAUSE


def test_a_server_that_crashes_soon_after_each_start_is_no_steady_one(clock):
    tried = Attempts()
    for _ in range(4):
        tried.start(clock.now)
        tried.is_up(clock.now)
        tried.is_up(clock.now + attempts.STEADY / 2)
        tried.is_down()

    assert tried.next_at == clock.now + 8 * attempts.FIRST_PAUSE


def test_a_server_that_was_stopped_by_hand_rests_and_says_so(kept, hub, settings):
    kept.choose("anna", SHARED)
    note_stop(settings, "anna")
    look(kept)
    assert hub.started == []
    assert "started again in 2 min" in kept.told("anna")["watches"][0]["state"]

    shorter = settings.model_copy(update={"watching_rest_seconds": 0})
    look(Keeper(shorter, Choices(settings.watches_file), hub))

    assert hub.started == ["anna"]


def test_who_is_no_member_is_refused_in_the_same_words_as_for_no_proposal(kept):
    said = []
    for proposal in (BENS, "B2/none"):
        with pytest.raises(Refused) as refused:
            kept.choose("anna", proposal)
        assert refused.value.status == 403
        said.append(refused.value.message.replace(proposal, "it"))

    assert said[0] == said[1]
    assert kept.told("anna")["watches"] == []


def test_a_member_sees_the_watches_of_the_own_proposals_only(kept):
    kept.choose("ben", BENS)
    kept.choose("ben", SHARED)

    assert [w["proposal"] for w in kept.told("anna")["watches"]] == [SHARED]
    assert [w["proposal"] for w in kept.told("ben")["watches"]] == [BENS, SHARED]
    assert kept.told("anna")["proposals"] == [SHARED]


def test_a_choice_ends_only_for_who_has_made_it(kept):
    kept.choose("anna", SHARED)

    with pytest.raises(Refused) as refused:
        kept.end("ben", SHARED)

    assert refused.value.status == 404
    assert [w["user"] for w in kept.told("ben")["watches"]] == ["anna"]
    kept.end("anna", SHARED)
    assert kept.told("ben")["watches"] == []


def test_more_servers_than_the_limit_are_refused_by_number(kept):
    kept.choose("ben", SHARED)
    kept.choose("ben", BENS)  # the same server

    with pytest.raises(Refused) as refused:
        kept.choose("anna", SHARED)

    assert refused.value.status == 409
    assert "watching_servers" in refused.value.message


def test_a_limit_that_was_lowered_leaves_the_oldest_choices(kept, hub, settings):
    choices = Choices(settings.watches_file)
    choices.add("ben", SHARED)
    choices.add("anna", SHARED)
    kept = Keeper(settings, Choices(settings.watches_file), hub)

    look(kept)

    assert hub.started == ["ben"]
    states = {w["user"]: w["state"] for w in kept.told("anna")["watches"]}
    assert states["anna"] == "server not kept: this hub keeps 1"


def test_leaving_the_proposal_ends_the_choice(kept, hub, settings):
    kept.choose("anna", SHARED)
    write_members(settings.data, {SHARED: ["ben"], BENS: ["ben"]})

    look(kept)

    assert hub.started == []
    assert json.loads(settings.watches_file.read_text()) == []


def test_an_account_that_is_gone_or_deleted_in_the_hub_ends_its_choices(
    kept, hub, settings
):
    kept.choose("ben", BENS)
    del hub.states["ben"]

    look(kept)

    assert list(Choices(settings.watches_file)) == []


def test_a_proposal_whose_folder_is_away_keeps_its_choice_and_starts_nothing(
    kept, hub, settings
):
    kept.choose("anna", SHARED)
    folder = settings.data / SHARED
    folder.rename(settings.data / "away")
    look(kept)
    assert hub.started == []

    (settings.data / "away").rename(folder)
    look(kept)

    assert hub.started == ["anna"]


def test_a_members_file_that_is_damaged_ends_no_choice(kept, hub, settings):
    kept.choose("anna", SHARED)
    (settings.data / "members.toml").write_text("[")

    with pytest.raises(MembersUnknown, match=r"members\.toml"):
        look(kept)
    with pytest.raises(Refused) as refused:
        kept.choose("ben", SHARED)

    assert hub.started == []
    assert refused.value.status == 503
    assert len(list(Choices(settings.watches_file))) == 1


def test_choices_are_there_after_a_restart_with_their_times(settings):
    first = Choices(settings.watches_file)
    first.add("anna", SHARED)
    first.add("anna", SHARED)
    (made,) = first

    again = Choices(settings.watches_file)

    assert list(again) == [made]
    assert settings.watches_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", '[{"user": "anna"}]', "7", "[1]"])
def test_a_file_of_choices_that_is_damaged_is_refused_and_left(settings, text):
    settings.watches_file.write_text(text)

    with pytest.raises(ChoicesInvalid, match=r"watches\.json"):
        Choices(settings.watches_file)

    assert settings.watches_file.read_text() == text
    assert any("choose again" in problem for problem in check.problems(settings))

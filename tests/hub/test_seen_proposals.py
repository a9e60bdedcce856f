"""What a hub without the data knows of the proposals: what the daemon wrote down."""

import asyncio
import shutil

import pytest
from daisy_hub.grants.round import Round
from daisy_hub.homes import accounts_of
from daisy_hub.proposals import (
    MembersInvalid,
    TreeInvalid,
    all_proposals,
    seen_proposals,
)
from daisy_hub.settings import Settings
from daisy_hub.watching.choices import Choices
from daisy_hub.watching.keeper import Keeper, MembersUnknown, Refused

ANNAS = "B7/P1"


@pytest.fixture
def settings(settings: Settings, say) -> Settings:
    say(f'["{ANNAS}"]\nmembers = ["anna"]\n')
    return settings


@pytest.fixture
def blind(settings: Settings) -> Settings:
    """The same installation as the hub's container has it: state, and no data."""
    return settings.model_copy(
        update={"profile": "docker", "data": settings.data / "not-here"}
    )


class PlayedHub:
    """One server that is down, and how often it was started."""

    def __init__(self) -> None:
        self.started: list[str] = []

    async def state(self, user: str) -> str:
        return "down"

    async def start(self, user: str) -> None:
        self.started.append(user)


def look(settings: Settings) -> None:
    """Let the daemon of grants look once."""
    list(Round(settings).run())


def test_what_was_seen_last_is_what_the_tree_says(settings, blind):
    look(settings)

    seen = seen_proposals(blind, accounts_of(blind))

    assert seen == all_proposals(settings, accounts_of(settings))
    assert len(seen) == 3


def test_a_proposal_that_comes_or_goes_is_known_after_the_next_look(settings, blind):
    look(settings)
    (settings.data / "B9/P9/raw").mkdir(parents=True)
    shutil.rmtree(settings.data / "B2/P3")
    look(settings)

    seen = seen_proposals(blind, accounts_of(blind))

    assert [p.identifier for p in seen] == ["B7/P1", "B7/P2", "B9/P9"]


def test_an_unchanged_tree_is_not_written_again(settings):
    look(settings)
    file = settings.state / "proposals.json"
    before = file.stat().st_ino

    look(settings)

    assert file.stat().st_ino == before


@pytest.mark.parametrize(
    ("file", "error"),
    [("members.json", MembersInvalid), ("proposals.json", TreeInvalid)],
)
def test_what_is_not_known_yet_is_no_empty_tree(settings, blind, file, error):
    look(settings)
    (settings.state / file).unlink()

    with pytest.raises(error, match="make up"):
        seen_proposals(blind, accounts_of(blind))


def test_a_member_is_kept_by_a_hub_that_does_not_see_the_data(settings, blind):
    look(settings)
    hub = PlayedHub()
    keeper = Keeper(blind, Choices(blind.watches_file), hub)

    keeper.choose("anna", ANNAS)
    with pytest.raises(Refused, match="no member"):
        keeper.choose("ben", ANNAS)
    asyncio.run(keeper.look())

    assert hub.started == ["anna"]


def test_no_choice_is_forgotten_while_nothing_is_known(settings, blind):
    look(settings)
    choices = Choices(blind.watches_file)
    keeper = Keeper(blind, choices, PlayedHub())
    keeper.choose("anna", ANNAS)
    (settings.state / "members.json").unlink()

    with pytest.raises(MembersUnknown):
        asyncio.run(keeper.look())

    assert choices.users() == ("anna",)


def test_who_leaves_a_proposal_is_kept_no_longer(settings, blind, say):
    look(settings)
    choices = Choices(blind.watches_file)
    keeper = Keeper(blind, choices, PlayedHub())
    keeper.choose("anna", ANNAS)

    say(f'["{ANNAS}"]\nmembers = ["ben"]\n')
    look(settings)
    asyncio.run(keeper.look())

    assert choices.users() == ()

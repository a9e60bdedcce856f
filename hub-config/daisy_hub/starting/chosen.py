"""What every back end's spawner has: a choice, a room check, phases, failures."""

import asyncio
import functools
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from daisy_hub.homes import accounts_of
from daisy_hub.settings import Settings, load
from daisy_hub.starting import failures, page
from daisy_hub.starting.choices import Choice, choice_of, from_fields
from daisy_hub.starting.failures import StartFailed
from daisy_hub.starting.phases import Phases
from daisy_hub.starting.room import room_of
from daisy_hub.starting.turns import Turns

# the hub takes a subclass of Spawner for a whole back end; this is a part of one
if TYPE_CHECKING:
    from jupyterhub.spawner import Spawner as _Spawner
else:
    _Spawner = object

ROOM_ADVICE = (
    "Make a rescue start: it opens JupyterLab with files and a terminal only, so that "
    "you can delete what you do not need. Stop the server afterwards, and start it as "
    "usual."
)


@functools.cache
def _turns(at_once: int) -> Turns:
    return Turns(at_once)


def turns(settings: Settings) -> Turns:
    """Return the turns of this hub's starts."""
    return _turns(settings.starts_at_once)


class OnlySelected(Exception):
    """An address that selects a profile on the page and starts nothing."""

    jupyterhub_message = ""  # the page shows no error


class ChosenServer(_Spawner):
    """A server of a profile, which tells what its start does and why it failed."""

    choice: Choice | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phases = Phases()

    async def get_options_form(self) -> str:
        """Return the page's form; "" where there is nothing to choose."""
        settings = load()
        account = accounts_of(settings).get(self.user.name)
        selected = ""
        if self.handler is not None:
            selected = self.handler.get_query_argument("profile", "")
        return page.form(settings, account, selected)

    def run_options_from_form(self, form_data: dict[str, list[Any]]) -> dict[str, Any]:
        """Take what the form says; it is checked when the server starts."""
        return from_fields(form_data)

    def options_from_query(self, query_data: dict[str, list[Any]]) -> dict[str, Any]:
        """Take what an address says: `?opt-profile=NAME` starts, `?profile=` selects.

        Raises
        ------
        OnlySelected
            Nothing is to be started.
        """
        asked = self.handler.request.query_arguments
        if not any(name.startswith("opt-") for name in asked):
            raise OnlySelected
        return from_fields(query_data)

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Tell the phases as they come."""
        async for event in self.phases.events():
            yield event

    @property
    def spawn_url(self) -> str:
        """Where a start of this server is asked for."""
        return failures.spawn_url(self.hub.base_url, self.user.name)

    @property
    def is_rescue(self) -> bool:
        """Whether the home is left aside as far as possible."""
        return self.choice is not None and self.choice.rescue

    async def check_room(self, settings: Settings) -> None:
        """See that a server can write to its home.

        Raises
        ------
        StartFailed
            It cannot; a rescue start can.
        """
        self.phases.say("Checking your home")
        if self.is_rescue:
            return
        home = settings.homes / self.user.name
        room = await asyncio.to_thread(room_of, settings, home)
        if room.problem:
            # a number of some minutes ago must not keep out who has made room
            room = await asyncio.to_thread(room_of, settings, home, fresh=True)
        if room.problem:
            raise StartFailed(
                room.problem,
                reason="home",
                spawn_url=self.spawn_url,
                advice=ROOM_ADVICE,
                rescue=True,
            )


def apply_choice(spawner: ChosenServer, options: dict[str, Any]) -> None:
    """Check what was chosen, and take it: the hub calls this before each start."""
    settings = load()
    account = accounts_of(settings).get(spawner.user.name)
    # the hub would repeat them at the next start, a rescue and a lost right included
    spawner.orm_spawner.user_options = {}
    spawner.choice = choice_of(settings, account, options)
    profile = spawner.choice.profile
    spawner.mem_limit = None if profile.memory is None else int(profile.memory)
    spawner.cpu_limit = profile.cpus


async def listens(address: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 2)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True

"""Start each user's server in a container, by asking the launcher.

The hub holds no way to the container engine: it can say for whom, and nothing more.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from jupyterhub.spawner import Spawner

from daisy_hub.generations.started import OfGeneration
from daisy_hub.launcher import LauncherClient, LauncherFailed
from daisy_hub.launcher.requests import OTHER_VARIABLES, VARIABLE
from daisy_hub.settings import load
from daisy_hub.starting import failures
from daisy_hub.starting.chosen import ROOM_ADVICE, ChosenServer, listens, turns
from daisy_hub.starting.failures import StartFailed
from daisy_hub.watching.stops import note_stop

LOOK_SECONDS = 0.3
# a launcher that is being started anew is waited for
AWAY_SECONDS = 15
LOG_LINES = 12
RUNNING = "running"
# by the reason of a failure
ADVICE = {
    "home": ROOM_ADVICE,
    "memory": "Choose a larger profile, or ask those who run this hub for more.",
}
RESCUED = {"home", "memory"}


class ContainerSpawner(OfGeneration, ChosenServer, Spawner):
    """A container of the account, which goes on while hub and launcher are away."""

    async def start(self) -> tuple[str, int]:
        """Start the container, and wait until the server in it listens."""
        self.phases.begin()
        try:
            async with turns(load()).turn(self.phases.say):
                state = await self._ask(
                    "start",
                    say=self.phases.say,
                    environment=self._environment(),
                    **self._chosen(),
                )
                self.generation = state["generation"]
                await self._await_listening(state["address"], state["port"])
        except LauncherFailed as error:
            raise self._failure(str(error), error.reason) from error
        finally:
            self.phases.end()
        return state["address"], state["port"]

    def _chosen(self) -> dict[str, Any]:
        """Name what was chosen; the launcher knows what it means."""
        if self.choice is None:
            return {}
        return {"profile": self.choice.profile.name, "rescue": self.choice.rescue}

    async def poll(self) -> int | None:
        """Return None for a server that runs, or whose state nobody can tell now.

        A server that is taken for dead by mistake loses its user's page, one that is
        taken for alive is looked at again some seconds later.
        """
        try:
            state = await self._ask("poll", patience=AWAY_SECONDS)
        except LauncherFailed as error:
            self.log.warning("%s's server is not known: %s", self.user.name, error)
            return None
        return None if state["status"] == RUNNING else int(state["exit_code"])

    async def stop(self, now: bool = False) -> None:
        """End the container; one that runs is stopped on purpose."""
        starting = self._spawn_future is not None and not self._spawn_future.done()
        if not starting:
            note_stop(load(), self.user.name)
        await self._ask("stop", patience=AWAY_SECONDS)

    def _environment(self) -> dict[str, str]:
        """Return what a server is told and the launcher lets pass."""
        return {
            name: str(value)
            for name, value in self.get_env().items()
            if VARIABLE.fullmatch(name) or name in OTHER_VARIABLES
        }

    async def _await_listening(self, address: str, port: int) -> None:
        self.phases.say("Waiting for JupyterLab's answer")
        while not await listens(address, port):
            state = await self._ask("poll")
            if state["status"] != RUNNING:
                raise await self._ended(state)
            await asyncio.sleep(LOOK_SECONDS)

    async def _ended(self, state: dict[str, Any]) -> StartFailed:
        """Say why a server ended while it started, with its last lines."""
        answer = await self._ask("logs", lines=LOG_LINES)
        if state["out_of_memory"]:
            limit = state["memory"] / 2**20
            text = (
                "Your server ran out of memory while it started: it may have "
                f"{limit:.0f} MiB."
            )
            return self._failure(text, "memory", answer["lines"])
        return failures.ended(state["exit_code"], answer["lines"], self.spawn_url)

    def _failure(
        self, text: str, reason: str, lines: Sequence[str] = ()
    ) -> StartFailed:
        return StartFailed(
            text,
            reason=reason,
            spawn_url=self.spawn_url,
            advice=ADVICE.get(reason, ""),
            lines=lines,
            rescue=reason in RESCUED,
        )

    async def _ask(
        self, verb: str, *, patience: float = 0, **entries: Any
    ) -> dict[str, Any]:
        client = LauncherClient(load().launcher_socket)
        limit = time.monotonic() + patience
        while True:
            try:
                return await client.ask(verb, account=self.user.name, **entries)
            except LauncherFailed as error:
                if error.reason != "away" or time.monotonic() > limit:
                    raise
            await asyncio.sleep(1)

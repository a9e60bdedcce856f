"""Start each user's server in a container, by asking the launcher.

The hub holds no way to the container engine: it can say for whom, and nothing more.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from html import escape
from typing import Any

from jupyterhub.spawner import Spawner, SpawnException

from daisy_hub.launcher import LauncherClient, LauncherFailed
from daisy_hub.launcher.requests import OTHER_VARIABLES, VARIABLE
from daisy_hub.settings import load
from daisy_hub.watching.stops import note_stop

LOOK_SECONDS = 0.3
# a launcher that is being started anew is waited for
AWAY_SECONDS = 15
LOG_LINES = 12
RUNNING = "running"


class ContainerSpawner(Spawner):
    """A container of the account, which goes on while hub and launcher are away."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._phases: deque[str] = deque()
        self._started = asyncio.Event()

    async def start(self) -> tuple[str, int]:
        """Start the container, and wait until the server in it listens."""
        self._phases.clear()
        self._started.clear()
        try:
            state = await self._ask(
                "start", say=self._phases.append, environment=self._environment()
            )
            await self._await_listening(state["address"], state["port"])
        except LauncherFailed as error:
            raise _failure(str(error), error.reason) from error
        finally:
            self._started.set()
        return state["address"], state["port"]

    async def poll(self) -> int | None:
        """Return None for a server that runs, or whose state nobody can tell now.

        A server that is taken for dead by mistake loses its user's page, one that is
        taken for alive is looked at again half a minute later.
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

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Tell the launcher's phases as they come."""
        done = 0
        while True:
            phases = list(self._phases)
            for phase in phases[done:]:
                done += 1
                yield {"progress": min(15 * done, 90), "message": phase}
            if self._started.is_set():
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _environment(self) -> dict[str, str]:
        """Return what a server is told and the launcher lets pass."""
        return {
            name: str(value)
            for name, value in self.get_env().items()
            if VARIABLE.fullmatch(name) or name in OTHER_VARIABLES
        }

    async def _await_listening(self, address: str, port: int) -> None:
        self._phases.append("Waiting for JupyterLab")
        while not await _listens(address, port):
            state = await self._ask("poll")
            if state["status"] != RUNNING:
                raise await self._ended(state)
            await asyncio.sleep(LOOK_SECONDS)

    async def _ended(self, state: dict[str, Any]) -> SpawnException:
        """Say why a server ended while it started, with its last lines."""
        answer = await self._ask("logs", lines=LOG_LINES)
        if state["out_of_memory"]:
            limit = state["memory"] / 2**20
            text = (
                "Your server ran out of memory while it started: it may have "
                f"{limit:.0f} MiB. Ask those who run this hub for more."
            )
            return _failure(text, "memory", answer["lines"])
        text = f"Your server ended with code {state['exit_code']} while it started."
        return _failure(text, "ended", answer["lines"])

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


def _failure(text: str, reason: str, lines: Sequence[str] = ()) -> SpawnException:
    """Return what the person who waits is shown, and the log keeps."""
    shown = escape(text)
    if lines:
        text = "\n".join([text, "Its last lines:", *lines])
        log = escape("\n".join(lines))
        shown += f' Its last lines:</p><pre class="text-start">{log}</pre><p>'
    return SpawnException(text, reason=reason, message_html=shown, status_code=503)


async def _listens(address: str, port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 2)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True

"""Start each user's server in the user's sandbox."""

import asyncio
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from subprocess import STDOUT
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner

from daisy_hub.generations import current
from daisy_hub.generations.started import OfGeneration
from daisy_hub.homes import accounts_of, prepare_proposals, sandbox_of
from daisy_hub.mounted import note_mounts
from daisy_hub.processes import signal_sandbox
from daisy_hub.proposals import Membership
from daisy_hub.sandbox import BUILDER_UMASK, Sandbox
from daisy_hub.settings import INSTANCE_VARIABLE, Settings, load
from daisy_hub.starting import failures
from daisy_hub.starting.chosen import ChosenServer, listens, turns
from daisy_hub.starting.limits import outer_words, time_words
from daisy_hub.views import may_make_views
from daisy_hub.watching.stops import note_stop

LOOK_SECONDS = 0.1
ANSWER_SECONDS = 110


class SandboxSpawner(OfGeneration, ChosenServer, LocalProcessSpawner):
    """A local process behind the sandbox's wall.

    The server is in no process group of the hub and goes on when the hub is
    killed; the next hub finds it by its pid.
    """

    def make_preexec_fn(self, name: str) -> None:
        """Nothing is done before exec: the sandbox changes the identity."""

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Add the variables of the sandbox, and the installation's mark."""
        settings = load()
        env.update(self._sandbox_of(settings).variables())
        env[INSTANCE_VARIABLE] = settings.instance
        return env

    async def start(self) -> tuple[str, int]:
        """Start the server, and wait until it listens; its output goes to a log.

        Raises
        ------
        StartFailed
            With the cause, the server's last lines, and what to do.
        """
        self.phases.begin()
        try:
            settings = load()
            async with turns(settings).turn(self.phases.say):
                return await self._start(settings)
        finally:
            self.phases.end()

    async def _start(self, settings: Settings) -> tuple[str, int]:
        # of the whole start: another one may become current meanwhile
        self.generation = current(settings).name
        await self.check_room(settings)
        self.phases.say("Preparing your proposals")
        sandbox = await asyncio.to_thread(self._sandbox, settings)
        self.phases.say("Starting JupyterLab")
        self.cmd = self._command(sandbox)
        path = settings.logs / f"server-{self.user.name}.log"
        with path.open("ab") as log:
            before = log.tell()
            output = {"stdout": log, "stderr": STDOUT}
            self.popen_kwargs = {**output, "cwd": "/", "umask": BUILDER_UMASK}
            address: tuple[str, int] = await super().start()
        self.phases.say("Waiting for JupyterLab's answer")
        await self._await_listening(address, path, before)
        return address

    async def _await_listening(
        self, address: tuple[str, int], log: Path, before: int
    ) -> None:
        # not left to the hub, which knows no lines of the log
        limit = time.monotonic() + ANSWER_SECONDS
        while not await listens(*address):
            if (code := await self.poll()) is not None:
                lines = failures.last_lines(log, before)
                raise failures.ended(code, lines, self.spawn_url)
            if time.monotonic() > limit:
                lines = failures.last_lines(log, before)
                raise failures.silent(ANSWER_SECONDS, lines, self.spawn_url)
            await asyncio.sleep(LOOK_SECONDS)

    def _command(self, sandbox: Sandbox) -> list[str]:
        program = sandbox.inner_environment / "bin" / "jupyterhub-singleuser"
        if self.choice is None:
            return sandbox.command([str(program)])
        profile = self.choice.profile
        return [
            *outer_words(profile, sandbox.uid or 0),
            *sandbox.command([*time_words(profile), str(program)]),
        ]

    def _sandbox(self, settings: Settings) -> Sandbox:
        """Make ready what the server will see; file servers may be slow."""
        if not may_make_views():
            # what it sees is fixed from here on: not older than it must be
            Membership(settings, accounts_of(settings)).sync()
        for problem in prepare_proposals(settings, self.user.name):
            self.log.warning(problem)
        sandbox = self._sandbox_of(settings)
        note_mounts(settings, self.user.name, "daisy-hub")
        return sandbox

    def _sandbox_of(self, settings: Settings) -> Sandbox:
        sandbox = sandbox_of(settings, self.user.name, self.generation)
        return replace(sandbox, rescue=self.is_rescue)

    async def _signal(self, sig: int) -> bool:
        if sig == 0:
            return _is_running(self.pid)
        return signal_sandbox(self.pid, sig)

    async def stop(self, now: bool = False) -> Any:
        """Stop the server; what is left in the sandbox goes with it.

        The hub calls this for a server that runs: for one that has ended by itself it
        does not, and one that is ended while it starts was not stopped by anybody.
        """
        starting = self._spawn_future is not None and not self._spawn_future.done()
        if not starting:
            note_stop(load(), self.user.name)
        pid = self.pid
        await super().stop(now)
        if pid and _is_running(pid):
            signal_sandbox(pid, signal.SIGKILL)


def _is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            state = file.read().rpartition(")")[2].split()[0]
    except OSError:
        return False
    # one whose parent was killed may stay a zombie for ever
    return state != "Z" and os.getpgid(pid) >= 0

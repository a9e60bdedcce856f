"""Carry out the launcher's verbs: all but the account comes from the settings."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from typing import Any

from daisy_hub import audit, eyes
from daisy_hub.accounts import AccountError
from daisy_hub.container_settings import SERVER_PORT
from daisy_hub.containers import (
    Engine,
    EngineUnavailable,
    ImageMissing,
    NotStarted,
    State,
    account_arguments,
    networks,
)
from daisy_hub.files import write_atomically
from daisy_hub.gateway.variables import cluster_variables
from daisy_hub.generations import GenerationError, named
from daisy_hub.homes import accounts_of, prepare_proposals, sandbox_of
from daisy_hub.identity.standing import why_ended
from daisy_hub.launcher import commands
from daisy_hub.launcher.logs import log_name
from daisy_hub.launcher.requests import (
    Containers,
    Logs,
    Look,
    Poll,
    Refused,
    Request,
    Start,
    StartScheduler,
    StartWorker,
    Stop,
    StopScheduler,
    StopWorker,
)
from daisy_hub.mounted import note_mounts
from daisy_hub.proposals import MembersInvalid, TreeInvalid
from daisy_hub.sandbox import Sandbox
from daisy_hub.settings import Settings
from daisy_hub.starting.choices import ChoiceRefused, choice_of
from daisy_hub.starting.profiles import ServerProfile
from daisy_hub.starting.room import NoRoom, room_of

SERVER, SCHEDULER, WORKER, LOOK = "server", "scheduler", "worker", "look"
# of a container that is gone, for whoever asks why
KEPT_LOG_LINES = 1000
LOOK_SECONDS = 30
# uids below are the system's own
FIRST_PERSON = 1000

log = logging.getLogger("daisy.launcher")
Say = Callable[[str], None]
Answer = dict[str, Any]

# what a caller is told of an error, besides its text
REASONS: dict[type[Exception], str] = {
    Refused: "refused",
    AccountError: "refused",
    MembersInvalid: "proposals",
    TreeInvalid: "proposals",
    GenerationError: "refused",
    EngineUnavailable: "engine",
    ImageMissing: "image",
    NotStarted: "container",
    NoRoom: "home",
}


class Launcher:
    """The verbs; one at a time for each account.

    Parameters
    ----------
    load
        Reads the settings: an operator's change holds from the next request on.
    """

    def __init__(self, load: Callable[[], Settings]) -> None:
        self._load = load
        self._busy: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        # two networks made at once would be given the same addresses
        self._network = threading.Lock()

    def carry_out(self, request: Request, say: Say) -> Answer:
        """Do what a request asks and return the answer.

        Raises
        ------
        Refused, AccountError, EngineUnavailable, ImageMissing, NotStarted
            Each with a text for the person who waits (`REASONS`).
        """
        settings = self._load()
        engine = Engine(settings.containers.engine, settings.instance)
        with closing(engine):
            match request:
                case Poll():
                    return _poll(engine, request.account)
                case Logs():
                    lines = engine.logs(SERVER, request.account, lines=request.lines)
                    return {"lines": lines}
                case Containers():
                    return {"containers": [_row(*row) for row in engine.containers()]}
                case _:
                    with self._busy[request.account]:
                        work = _Work(settings, engine, request.account, self._network)
                        return work.do(request, say)


class _Work:
    """One change to the containers of one account."""

    def __init__(
        self, settings: Settings, engine: Engine, account: str, network: threading.Lock
    ) -> None:
        self._settings, self._engine = settings, engine
        self._account, self._network = account, network

    def do(self, request: Request, say: Say) -> Answer:
        """Make the change that is asked for."""
        match request:
            case Start():
                return self._start_server(request, say)
            case Stop():
                return self._stop(SERVER)
            case Look():
                return self._look()
            case StartScheduler():
                return self._start_scheduler(request)
            case StartWorker():
                return self._start_worker(request)
            case StopScheduler():
                return self._stop(SCHEDULER, request.cluster)
            case StopWorker():
                return self._stop(WORKER, request.worker)
        raise Refused(f"{request.verb} changes nothing.")

    def _start_server(self, request: Start, say: Say) -> Answer:
        sandbox = replace(self._sandbox(), rescue=request.rescue)
        profile = self._profile(request.profile)
        if self._engine.state(SERVER, self._account).status == "running":
            raise Refused(f"The server of {self._account} is running.")
        say("Checking your home")
        if not request.rescue:
            self._check_room(sandbox)
        say("Preparing your proposals")
        for problem in prepare_proposals(self._settings, self._account):
            log.warning(problem)
        say("Joining your network")
        network = self._join()
        say("Starting your container")
        self._start(
            sandbox,
            part=SERVER,
            network=network,
            limits=self._settings.containers.limits.of_profile(profile),
            command=commands.server(self._settings, sandbox.inner_environment, profile),
            environment=request.environment,
            image=profile.image or self._image(sandbox),
            gpus=profile.gpus,
        )
        note_mounts(self._settings, self._account, "daisy-launcher")
        started = _poll(self._engine, self._account)
        return {**started, "generation": sandbox.generation}

    def _profile(self, name: str | None) -> ServerProfile:
        """Return a profile of the settings that the account may choose."""
        options = {} if name is None else {"profile": name}
        account = accounts_of(self._settings).get(self._account)
        try:
            return choice_of(self._settings, account, options).profile
        except ChoiceRefused as refused:
            raise Refused(refused.message) from refused

    def _check_room(self, sandbox: Sandbox) -> None:
        room = room_of(self._settings, sandbox.home)
        if room.problem:
            # a number of some minutes ago must not keep out who has made room
            room = room_of(self._settings, sandbox.home, fresh=True)
        if room.problem:
            raise NoRoom(room.problem)

    def _start_scheduler(self, request: StartScheduler) -> Answer:
        sandbox = self._sandbox(request.generation)
        self._start(
            sandbox,
            part=SCHEDULER,
            job=request.cluster,
            network=self._join(),
            limits=self._settings.containers.limits,
            command=commands.scheduler(
                self._settings, sandbox.inner_environment, request.software
            ),
            environment=self._cluster_environment(request.environment),
        )
        return {}

    def _start_worker(self, request: StartWorker) -> Answer:
        sandbox = self._sandbox(request.generation)
        network = self._join()
        limits = self._settings.containers.worker
        state = self._engine.state(SCHEDULER, self._account, request.cluster)
        address = state.address(network)
        if not address:
            raise Refused(f"{self._account} has no cluster {request.cluster} running.")
        self._start(
            sandbox,
            part=WORKER,
            job=request.worker,
            network=network,
            limits=limits,
            command=commands.worker(
                sandbox.inner_environment,
                request.software,
                request.worker,
                address,
                limits,
            ),
            environment=self._cluster_environment(request.environment),
        )
        return {}

    def _look(self) -> Answer:
        """Take the way of a server, with a script of our own in its place."""
        folders = eyes.granted_folders(self._settings, self._account)
        sandbox = self._sandbox()
        arguments = account_arguments(
            sandbox,
            instance=self._settings.instance,
            part=LOOK,
            image=self._image(sandbox),
            network=self._join(),
            limits=self._settings.containers.limits,
            command=["/bin/sh", "-c", eyes.script(folders)],
            environment={},
        )
        try:
            said = self._engine.run(arguments, LOOK_SECONDS)
        finally:
            self._leave()
        self._record("container.looked", LOOK, "")
        return asdict(eyes.seen(said, len(folders)))

    def _cluster_environment(self, environment: dict[str, str]) -> dict[str, str]:
        return {**environment, **cluster_variables(self._settings)}

    def _sandbox(self, generation: str = "") -> Sandbox:
        # also where the hub has not noticed yet, or does not want to
        account = accounts_of(self._settings).get(self._account)
        if said := why_ended(account, self._settings):
            raise Refused(said)
        sandbox = sandbox_of(self._settings, self._account, generation)
        if sandbox.uid is not None and sandbox.uid < FIRST_PERSON:
            raise Refused(
                f"The account {self._account} has a uid of the system, {sandbox.uid}."
            )
        return sandbox

    def _image(self, sandbox: Sandbox) -> str:
        return named(self._settings, sandbox.generation).software

    def _join(self) -> str:
        with self._network:
            return networks.join(self._engine, self._settings.containers, self._account)

    def _start(self, sandbox: Sandbox, **arguments: Any) -> None:
        self._engine.start(
            account_arguments(
                sandbox,
                **{
                    "instance": self._settings.instance,
                    "image": self._image(sandbox),
                    **arguments,
                },
            )
        )
        self._record("container.started", arguments["part"], arguments.get("job", ""))

    def _stop(self, part: str, job: str = "") -> Answer:
        self._keep_log(part, job)
        stopped = self._engine.stop(part, self._account, job)
        self._leave()
        if stopped:
            self._record("container.stopped", part, job)
        return {"stopped": stopped}

    def _leave(self) -> None:
        with self._network:
            networks.leave(self._engine, self._account)

    def _keep_log(self, part: str, job: str) -> None:
        """Keep the last lines of a container, and how it ended by itself."""
        lines = self._engine.logs(part, self._account, job, lines=KEPT_LOG_LINES)
        ending = self._engine.state(part, self._account, job).ending
        if not (lines or ending):
            return
        path = self._settings.logs / log_name(part, self._account, job)
        try:
            write_atomically(path, "\n".join(filter(None, [*lines, ending])) + "\n")
        except OSError as error:
            # a full disk must not keep a container from being ended
            log.warning("what %s would hold is lost: %s", path, error)

    def _record(self, event: str, part: str, job: str) -> None:
        audit.record(
            self._settings,
            event,
            actor="launcher",
            account=self._account,
            part=part,
            job=job,
        )


def _poll(engine: Engine, account: str) -> Answer:
    state = engine.state(SERVER, account)
    address = state.address(networks.network_name(engine, account))
    row = _row(SERVER, account, "", state)
    return {**row, "address": address, "port": SERVER_PORT}


def _row(part: str, account: str, job: str, state: State) -> Answer:
    return {
        "part": part,
        "account": account,
        "job": job,
        "status": state.status,
        "exit_code": state.exit_code,
        "out_of_memory": state.out_of_memory,
        "memory": state.memory,
        "ending": state.ending,
    }

"""Start and end an installation's processes.

The proxy and the hub are daemons of their own: a hub that is killed takes neither
the proxy nor any server with it, and `up` starts whatever is missing.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from daisy_hub import check, processes, traefik, upgrading
from daisy_hub.accounts import generate_password
from daisy_hub.files import write_atomically
from daisy_hub.homes import accounts_of, prepare_proposals, view_of
from daisy_hub.identity import desk
from daisy_hub.parts import gateway
from daisy_hub.proposals import read_table
from daisy_hub.sandbox import BUILDER_UMASK
from daisy_hub.settings import (
    DASHBOARDS_SERVICE,
    INSTANCE_VARIABLE,
    WATCHING_SERVICE,
    Settings,
    settings_file,
)
from daisy_hub.views import views_below

if TYPE_CHECKING:
    from daisy_hub.containers import Engine

START_SECONDS = 120
PARTS = "grants", "proxy", "gateway-proxy", "gateway", "hub"
SERVICE_PARTS = {WATCHING_SERVICE: "watching", DASHBOARDS_SERVICE: "dashboards"}
CONTAINER_PARTS = "launcher", "front"
HUB_CONFIG = Path(__file__).parent / "jupyterhub_config.py"

Say = Callable[[str], None]


class NotStarted(Exception):
    """The installation could not be started; the text says why and what to do."""


def up(settings: Settings, names: list[str], say: Say) -> None:
    """Make accounts, start what is not running, and write `up.json`.

    Raises
    ------
    NotStarted
        Nothing was started, or what was started does not answer.
    """
    for folder in (settings.home, settings.state, settings.logs, settings.homes):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_accounts(settings, names)
    if problems := check.problems(settings):
        raise NotStarted("\n".join(problems))
    for problem in prepare_proposals(settings):
        say(problem)
    if settings.profile == "local" and not settings.as_root:
        say(
            "Started by an ordinary user: all accounts share your uid. The sandboxes "
            "keep their files apart, but this protects a single team only. Start as "
            "root to give every account a uid of its own."
        )
    upgrading.end_older(settings, running_parts(settings), say)
    start_missing(settings, say)
    if settings.restarts_parts:
        _start("supervisor", settings, _supervisor_command, say)
    _await_answer(settings)


def parts_of(settings: Settings) -> tuple[str, ...]:
    """Return the parts that an installation has."""
    return (*PARTS, *(CONTAINER_PARTS if settings.profile == "docker" else ()))


def start_missing(settings: Settings, say: Say) -> None:
    """Start every part that does not run."""
    _start("grants", settings, _grants_command, say)
    if settings.profile == "docker":
        _start("launcher", settings, _launcher_command, say)
        _start_front(settings, say)
    else:
        _start_processes(settings, say)


def _start_processes(settings: Settings, say: Say) -> None:
    own = Path(sys.prefix)
    _start("proxy", settings, lambda: traefik.command(settings, own), say)
    gateway_environment = gateway.environment(settings)
    _start("gateway-proxy", settings, gateway.proxy_command, say, gateway_environment)
    _start("gateway", settings, gateway.command, say, gateway_environment)
    _start("hub", settings, hub_command, say)


def running_parts(settings: Settings) -> dict[str, psutil.Process]:
    """Return the parts that run, by name."""
    return {_part(p): p for p in processes.of_instance(settings.instance)}


def down(settings: Settings, say: Say) -> None:
    """End every process of this installation, and no other."""
    running = processes.of_instance(settings.instance)
    # first what would start something anew
    starters = "supervisor", "hub", "gateway", "launcher"
    processes.end((p for p in running if _part(p) in starters), patience=2)
    if settings.profile == "docker":
        with _engine(settings) as engine:
            engine.remove_all()
    processes.end(processes.of_instance(settings.instance))
    # whatever was being started meanwhile
    processes.end(processes.of_instance(settings.instance), patience=0.5)
    for name in views_below(settings.views):
        view_of(settings, name).end()
    say(f"{len(running)} processes ended. Homes and data are where they were.")


def make_accounts(settings: Settings, names: list[str]) -> None:
    """Make the accounts that are missing, and keep the passwords made for them."""
    accounts = accounts_of(settings)
    if settings.identity == "oidc":  # accounts are made when their people come
        write_up_file(settings)
        return
    members = read_table(settings.data) or {}
    wanted = [*names, *(name for entry in members.values() for name in entry.named)]
    known = {*accounts.names(), *accounts.removed()}
    for name in dict.fromkeys(wanted):
        if name not in known:
            password = generate_password()
            # first where it can be read, then valid: a kill between loses nothing
            remember_password(settings, name, password)
            desk.add(settings, name, password, None)
    write_up_file(settings)


def remember_password(settings: Settings, name: str, password: str | None) -> None:
    """Keep a generated password for `up.json`; None forgets it."""
    kept = _kept_passwords(settings)
    kept[name] = password
    write_atomically(_passwords_file(settings), json.dumps(kept))


def write_up_file(settings: Settings) -> None:
    """Write `up.json`: where it is, who may log in, what they see, where the log is."""
    kept = _kept_passwords(settings)
    content = {
        "address": settings.public_url,
        "accounts": [
            {"name": name, "password": kept.get(name)}
            for name in accounts_of(settings).names()
        ],
        "data": str(settings.data),
        "log": str(settings.logs / "hub.log"),
    }
    write_atomically(settings.up_file, json.dumps(content, indent=2) + "\n")


def status(settings: Settings) -> list[tuple[str, int]]:
    """List what runs: part and pid."""
    running = processes.of_instance(settings.instance)
    return sorted((part, p.pid) for p in running if (part := _part(p)))


def answers(settings: Settings) -> bool:
    """Whether the hub answers through the proxy, as a browser would reach it."""
    try:
        with urllib.request.urlopen(
            settings.url("public") + "/hub/health", timeout=2
        ) as answer:
            # the hub's own words: a proxy's error page is no health
            return bool(answer.headers.get("X-JupyterHub-Version"))
    except (urllib.error.URLError, OSError):
        return False


def _passwords_file(settings: Settings) -> Path:
    return settings.state / "generated-passwords.json"


def _kept_passwords(settings: Settings) -> dict[str, str | None]:
    try:
        kept: dict[str, str | None] = json.loads(_passwords_file(settings).read_text())
    except FileNotFoundError:
        kept = {}
    return kept


def _part(process: psutil.Process) -> str:
    """Name of the part that a process was started as; user servers have their own."""
    with suppress(psutil.Error, OSError):
        environment = process.environ()
        if process.name() in ("bwrap", "docker-init"):
            return ""
        if "JUPYTERHUB_USER" in environment and "singleuser" in " ".join(
            process.cmdline()
        ):
            return f"server of {environment['JUPYTERHUB_USER']}"
        if "DASK_GATEWAY_CLUSTER_NAME" in environment:
            return f"cluster of {environment.get('USER', '?')}"
        if part := environment.get("DAISY_PART"):
            return str(part)
        if service := environment.get("JUPYTERHUB_SERVICE_NAME"):
            return SERVICE_PARTS.get(service, service)
    return ""


def _start(
    part: str,
    settings: Settings,
    command: Callable[[], list[str]],
    say: Say,
    environment: Mapping[str, str] | None = None,
) -> None:
    # the supervisor and `up` may find at once that something is missing
    with (settings.state / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if part in running_parts(settings):
            say(f"The {part} is running.")
            return
        with open(settings.logs / f"{part}.log", "ab") as log:
            subprocess.Popen(
                command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=settings.state,
                start_new_session=True,
                umask=BUILDER_UMASK,
                env={
                    **_clean_environment(),
                    **(environment or {}),
                    "DAISY_PART": part,
                    "DAISY_SETTINGS": str(settings_file()),
                    INSTANCE_VARIABLE: settings.instance,
                },
            )
    say(f"The {part} is starting.")


def _clean_environment() -> dict[str, str]:
    """Return what a daemon needs of the caller's environment, and nothing else."""
    system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    path = f"{Path(sys.prefix) / 'bin'}:{system}"
    return {"PATH": path, "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/")}


def _supervisor_command() -> list[str]:
    return [sys.executable, "-m", "daisy_hub.supervisor"]


def _grants_command() -> list[str]:
    return [sys.executable, "-m", "daisy_hub.grants"]


def _launcher_command() -> list[str]:
    return [sys.executable, "-m", "daisy_hub.launcher"]


def hub_command() -> list[str]:
    """Return the command line of the hub."""
    return [sys.executable, "-m", "jupyterhub", "-f", str(HUB_CONFIG)]


def _start_front(settings: Settings, say: Say) -> None:
    """Start hub, gateway and proxies in containers, one caller at a time."""
    from daisy_hub.containers import front

    with (settings.state / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _engine(settings) as engine:
            front.start(settings, engine, say)


@contextmanager
def _engine(settings: Settings) -> Iterator["Engine"]:
    """Use the container engine; what it refuses is the operator's to mend.

    Its library is imported here: it would double the time of every command.
    """
    from daisy_hub import containers

    known = (
        containers.EngineUnavailable, containers.ImageMissing, containers.NotStarted
    )  # fmt: skip
    try:
        yield containers.Engine(settings.containers.engine, settings.instance)
    except known as error:
        raise NotStarted(str(error)) from error


def _await_answer(settings: Settings) -> None:
    started = time.monotonic()

    def ready() -> Iterator[bool]:
        missing: set[str] = set()
        while True:
            yield answers(settings)
            before = missing
            missing = set(parts_of(settings)) - running_parts(settings).keys()
            # twice: one that becomes another program just now cannot be recognised
            if missing & before and time.monotonic() - started > 1:
                raise NotStarted(_last_words(settings))

    if not processes.wait_until(ready(), START_SECONDS):
        raise NotStarted(
            f"The hub does not answer after {START_SECONDS} s.\n{_last_words(settings)}"
        )


def _last_words(settings: Settings) -> str:
    lines = []
    for part in parts_of(settings):
        log = settings.logs / f"{part}.log"
        if log.exists():
            lines += [f"{log}:", *log.read_text(errors="replace").splitlines()[-8:]]
    return "A part ended while starting.\n" + "\n".join(lines)

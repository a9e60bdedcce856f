"""What must be true before anything is started, and what to do where it is not."""

import socket
from collections.abc import Callable, Iterator

from daisy_hub import processes
from daisy_hub.databases import database_problems
from daisy_hub.generations import GenerationError, current, environments_of
from daisy_hub.homes import accounts_of
from daisy_hub.identity.check import identity_problems
from daisy_hub.proposals import (
    MembersInvalid,
    Template,
    TreeInvalid,
    folders_of,
    read_table,
)
from daisy_hub.proposals.sources import source_of
from daisy_hub.sandbox import SandboxUnavailable, probe, setpriv
from daisy_hub.settings import Settings
from daisy_hub.starting.check import profile_problems
from daisy_hub.tls.check import tls_problems
from daisy_hub.views.check import view_problems
from daisy_hub.watching.choices import Choices, ChoicesInvalid

MIN_DOCKER = [20, 10]
# files of the state folder that hold what lets somebody in
SECRETS = (
    "accounts.json", "auth-state-key", "cookie-secret", "gateway-database-key",
    "gateway-proxy-token", "gateway-token", "generated-passwords.json", "instance",
    "metrics-token", "proxy-password",
)  # fmt: skip


def problems(settings: Settings) -> list[str]:
    """List what prevents a start; each entry says what to do."""
    wall = (_containers,) if settings.profile == "docker" else (_sandbox, _environment)
    checks: tuple[Callable[[Settings], Iterator[str]], ...] = (
        _ports, *wall, _tree, _data, _secrets, _watches, identity_problems,
        profile_problems, tls_problems, database_problems, view_problems,
    )  # fmt: skip
    return [problem for check in checks for problem in check(settings)]


def port_is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port."""
    with socket.socket() as probe_socket:
        probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe_socket.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ports(settings: Settings) -> Iterator[str]:
    if processes.of_instance(settings.instance):
        return  # our own processes hold them; `up` starts what is missing
    for name, port in settings.ports.items():
        if not port_is_free(port):
            yield (
                f"Port {port} ({name}) is in use. Choose eight free ports in a row: "
                f"make up PORT={settings.port + 1000}"
            )


def _sandbox(settings: Settings) -> Iterator[str]:
    try:
        probe()
        if settings.as_root:
            setpriv()
    except SandboxUnavailable as error:
        yield str(error)


def _containers(settings: Settings) -> Iterator[str]:
    from daisy_hub.containers import Engine, EngineUnavailable

    ours = settings.containers
    try:
        engine = Engine(ours.engine, settings.instance)
        if _numbers(engine.version()) < MIN_DOCKER:
            yield f"Docker {engine.version()} is too old: 20.10 or newer is needed."
        for image in (current(settings).software, ours.hub_image):
            if not engine.has_image(image):
                yield (
                    f"The image {image} is not on this machine: make images, or choose "
                    "another generation: daisy-hub rollback NAME"
                )
    except EngineUnavailable as error:
        yield str(error)


def _numbers(version: str) -> list[int]:
    return [
        int(part)
        for part in version.split("+", maxsplit=1)[0].split(".")
        if part.isdigit()
    ]


def _tree(settings: Settings) -> Iterator[str]:
    """Look whether proposals are told apart, and whether their sources are known."""
    try:
        template = Template(settings.tree)
        if settings.data.is_dir():
            folders_of(settings.data, template)
    except (TreeInvalid, OSError) as error:
        yield str(error)
    for name in settings.members_from:
        try:
            source_of(name)
        except MembersInvalid as error:
            yield str(error)
    try:
        settings.group_of_proposal.format(beamline="", proposal="")
    except (KeyError, ValueError, IndexError):
        yield (
            f"group_of_proposal = {settings.group_of_proposal!r}: it may have "
            "{beamline} and {proposal} in it, and no other braces."
        )


def _data(settings: Settings) -> Iterator[str]:
    if not settings.data.is_dir():
        yield f"{settings.data} is no folder. Name a tree: make up DATA=/some/tree"
        return
    try:
        members = read_table(settings.data) or {}
    except MembersInvalid as error:
        yield str(error)
        return
    if settings.identity == "oidc":
        return  # accounts are made when their people come
    known = set(accounts_of(settings).names())
    for proposal, entry in members.items():
        if unknown := sorted(set(entry.named) - known):
            yield (
                f"{settings.data}/members.toml gives {proposal} to "
                f"{', '.join(unknown)}, who have no account: daisy-hub add NAME"
            )


def _environment(settings: Settings) -> Iterator[str]:
    try:
        generation = current(settings)
    except GenerationError as error:
        yield str(error)
        return
    environment, _ = environments_of(settings, generation)
    if generation.name and not environment.exists():
        yield (
            f"{environment} is missing, the generation that new servers get. Choose "
            "another one: daisy-hub rollback NAME (daisy-hub generations lists them), "
            "or run make up again."
        )
        return
    for program in ("jupyterhub-singleuser", "dask", "python"):
        path = environment / "bin" / program
        if not path.exists():
            yield f"{path} is missing. Run make up again: it repairs the installation."


def _secrets(settings: Settings) -> Iterator[str]:
    for path in (settings.home, settings.state):
        if path.exists() and path.stat().st_mode & 0o077:
            yield f"{path} can be read by others. Run: chmod 700 {path}"
    for name in SECRETS:
        path = settings.state / name
        if path.exists() and path.stat().st_mode & 0o077:
            yield f"{path} can be read by others. Run: chmod 600 {path}"


def _watches(settings: Settings) -> Iterator[str]:
    try:
        Choices(settings.watches_file)
    except ChoicesInvalid as error:
        yield str(error)

"""The front: hub, gateway and proxies in containers, on one network of their own.

One more container holds that network and does nothing else. So their own addresses
stay on a loopback that nobody else has, the two proxies' ports are all that an
account's network sees, and each of them can be ended and started again while the
others go on.

The containers of hub and gateway hold their state folder, with the launcher's socket
in it, and nothing else of the host: no data, no home, no way to the engine. The
settings and the list of generations are read-only there, since the launcher believes
them.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docker.types import Mount as DockerMount

from daisy_hub import traefik
from daisy_hub.container_settings import HUB_ENVIRONMENT
from daisy_hub.containers import networks
from daisy_hub.containers.arguments import wall
from daisy_hub.containers.engine import Engine
from daisy_hub.containers.labels import labels, name
from daisy_hub.containers.zone import zone_variables
from daisy_hub.parts import gateway
from daisy_hub.settings import INSTANCE_VARIABLE, Settings, settings_file

HOLDER, PROXY = networks.FRONT, "proxy"
GATEWAY_PROXY, GATEWAY, HUB = "gateway-proxy", "gateway", "hub"
# as in `upgrading`: pages and clusters hold on to their connections
LASTING = PROXY, GATEWAY_PROXY
STOP_SECONDS = 10
INTO_LOG = "/bin/sh", "-c", 'exec >>"$0" 2>&1; exec "$@"'


def start(settings: Settings, engine: Engine, say: Callable[[str], None]) -> None:
    """Start what of the front does not run.

    Raises
    ------
    EngineUnavailable, ImageMissing, NotStarted
    """
    if engine.state(HOLDER).status != "running":
        # whose network is gone cannot be reached any more
        for part in (HUB, GATEWAY, GATEWAY_PROXY, PROXY):
            engine.stop(part, patience=2)
        network = networks.make_outer(engine, settings.containers)
        engine.start(_holder(settings, network))
    networks.rejoin(engine)
    for part, arguments in _BEHIND.items():
        state = engine.state(part)
        is_older = state.image != settings.containers.hub_image
        if state.status == "running" and (part in LASTING or not is_older):
            say(f"The {part} is running.")
            continue
        engine.stop(part, patience=STOP_SECONDS)
        engine.start(arguments(settings))
        say(f"The {part} is starting.")


def _holder(settings: Settings, network: str) -> dict[str, Any]:
    return {
        **_common(settings, HOLDER),
        "network": network,
        "ports": _published(settings),
        "command": ["sleep", "infinity"],
    }


def _published(settings: Settings) -> dict[str, tuple[str, int]]:
    """Return the ports of the proxy that are reached from outside."""
    ports = {f"{settings.port}/tcp": ("127.0.0.1", settings.port)}
    if settings.tls is not None:
        for port in filter(None, (settings.tls.port, settings.tls.plain_port)):
            ports[f"{port}/tcp"] = settings.tls.address, port
    return ports


def _proxy(settings: Settings) -> dict[str, Any]:
    log = _log_file(settings, PROXY)
    program = traefik.command(settings, Path(HUB_ENVIRONMENT))
    return {
        **_common(settings, PROXY),
        **_on_the_fronts_network(settings),
        "mounts": [_bind(settings.proxy_folder), _bind(log, writable=True)],
        "command": [*INTO_LOG, str(log), *program],
    }


def _gateway_proxy(settings: Settings) -> dict[str, Any]:
    log = _log_file(settings, GATEWAY_PROXY)
    mounts = [_bind(settings_file()), _bind(log, writable=True)]
    return _python_part(settings, GATEWAY_PROXY, mounts, gateway.environment(settings))


def _gateway(settings: Settings) -> dict[str, Any]:
    variables = gateway.environment(settings)
    mounts = [*_state(settings), *_database_secret(settings)]
    return _python_part(settings, GATEWAY, mounts, variables)


def _hub(settings: Settings) -> dict[str, Any]:
    mounts = [*_state(settings), *_database_secret(settings)]
    if settings.oidc is not None:
        mounts.append(_bind(settings.oidc.client_secret_file.absolute()))
    return _python_part(settings, HUB, mounts, {})


def _database_secret(settings: Settings) -> list[DockerMount]:
    database = settings.database
    if database is None or database.password_file is None:
        return []
    return [_bind(database.password_file.absolute())]


def _state(settings: Settings) -> list[DockerMount]:
    for folder in (settings.launcher_socket.parent, settings.generations_folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    return [
        _bind(settings.state, writable=True),
        _bind(settings_file()),
        _bind(settings.generations_folder),
    ]


def _python_part(
    settings: Settings, part: str, mounts: list[DockerMount], variables: dict[str, str]
) -> dict[str, Any]:
    common = _common(settings, part)
    program = f"{HUB_ENVIRONMENT}/bin/python", "-m", "daisy_hub", part
    return {
        **common,
        **_on_the_fronts_network(settings),
        "mounts": mounts,
        "environment": {**common["environment"], **variables},
        "command": [*INTO_LOG, str(_log_file(settings, part)), *program],
    }


# in the order in which they are started
_BEHIND: dict[str, Callable[[Settings], dict[str, Any]]] = {
    PROXY: _proxy,
    GATEWAY_PROXY: _gateway_proxy,
    GATEWAY: _gateway,
    HUB: _hub,
}


def _common(settings: Settings, part: str) -> dict[str, Any]:
    return {
        **wall(settings.containers.limits),
        "image": settings.containers.hub_image,
        "name": name(settings.instance, part),
        "labels": labels(settings.instance, part),
        # the owner of the state folder, without a single capability
        "user": f"{os.getuid()}:{os.getgid()}",
        "tmpfs": {"/tmp": "rw,nosuid,nodev,mode=1777,size=64m"},
        "environment": {
            "DAISY_PART": part,
            "DAISY_SETTINGS": str(settings_file()),
            "HOME": "/tmp",
            **zone_variables(),
            INSTANCE_VARIABLE: settings.instance,
        },
    }


def _on_the_fronts_network(settings: Settings) -> dict[str, str]:
    return {"network_mode": f"container:{name(settings.instance, HOLDER)}"}


def _log_file(settings: Settings, part: str) -> Path:
    path = settings.logs / f"{part}.log"
    path.touch(mode=0o600)
    return path


def _bind(path: Path, *, writable: bool = False) -> DockerMount:
    """Show a file or folder where it is."""
    return DockerMount(
        target=str(path), source=str(path), type="bind", read_only=not writable
    )

"""The users' servers: sandboxed, trimmed, ended when idle but never when busy."""

from typing import Any

from daisy_hub.container_settings import SERVER_PORT
from daisy_hub.container_spawner import ContainerSpawner
from daisy_hub.idle import idle_arguments
from daisy_hub.settings import GATEWAY_SERVICE, Settings
from daisy_hub.spawner import SandboxSpawner
from daisy_hub.starting.chosen import apply_choice

LOOK_SECONDS = 10  # whether a server has ended by itself


def apply(config: Any, settings: Settings) -> None:
    """Set the spawner and what its servers are told."""
    spawner = config.Spawner
    if settings.profile == "docker":
        config.JupyterHub.spawner_class = ContainerSpawner
        spawner.ip, spawner.port = "0.0.0.0", SERVER_PORT  # of its own network
        spawner.hub_connect_url = settings.inner_url
    else:
        config.JupyterHub.spawner_class = SandboxSpawner
    spawner.apply_user_options = apply_choice
    spawner.default_url = "/lab"
    spawner.notebook_dir = "~"
    # the time in which one waits for one's turn is counted too
    spawner.start_timeout, spawner.http_timeout = 900, 120
    spawner.poll_interval = LOOK_SECONDS
    spawner.env_keep = []
    spawner.environment = quotas(settings)
    if settings.clusters:
        spawner.environment |= gateway_client(settings)
    spawner.args = idle_arguments(settings)
    # this list replaces the default, whose first two entries are repeated here
    spawner.server_token_scopes = [
        "users:activity!user",
        "access:servers!server",
    ]
    if settings.clusters:
        spawner.server_token_scopes.append(f"access:services!service={GATEWAY_SERVICE}")
    process = config.LocalProcessSpawner
    process.interrupt_timeout = process.term_timeout = 5


def quotas(settings: Settings) -> dict[str, str]:
    """Return what the Lab tells its user of room, in bytes."""
    known = {
        "DAISY_HOME_QUOTA": settings.home_quota,
        "DAISY_PROCESSED_QUOTA": settings.processed_quota,
    }
    return {name: str(int(size)) for name, size in known.items() if size is not None}


def gateway_client(settings: Settings) -> dict[str, str]:
    """Return the variables by which `Gateway()` needs no argument."""
    return {
        "DASK_GATEWAY__ADDRESS": settings.inner_url + settings.gateway_prefix,
        "DASK_GATEWAY__PUBLIC_ADDRESS": settings.gateway_prefix,
        "DASK_GATEWAY__PROXY_ADDRESS": settings.gateway_tcp,
        "DASK_GATEWAY__AUTH__TYPE": "jupyterhub",
    }

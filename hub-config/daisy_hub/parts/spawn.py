"""The users' servers: sandboxed, trimmed, ended when idle but never when busy."""

from typing import Any

from daisy_hub.settings import GATEWAY_SERVICE, Settings
from daisy_hub.spawner import SandboxSpawner


def apply(config: Any, settings: Settings) -> None:
    """Set the spawner and what its servers are told."""
    config.JupyterHub.spawner_class = SandboxSpawner
    spawner = config.Spawner
    spawner.default_url = "/lab"
    spawner.notebook_dir = "~"
    spawner.start_timeout = spawner.http_timeout = 120
    spawner.env_keep = []
    spawner.environment = gateway_client(settings)
    spawner.args = idle_arguments(settings)
    # this list replaces the default, whose first two entries are repeated here
    spawner.server_token_scopes = [
        "users:activity!user",
        "access:servers!server",
        f"access:services!service={GATEWAY_SERVICE}",
    ]
    process = config.LocalProcessSpawner
    process.interrupt_timeout = process.term_timeout = 5


def gateway_client(settings: Settings) -> dict[str, str]:
    """Return the variables by which `Gateway()` needs no argument."""
    return {
        "DASK_GATEWAY__ADDRESS": settings.url("public") + settings.gateway_prefix,
        "DASK_GATEWAY__PUBLIC_ADDRESS": settings.gateway_prefix,
        "DASK_GATEWAY__PROXY_ADDRESS": (
            f"gateway://127.0.0.1:{settings.ports['gateway-tcp']}"
        ),
        "DASK_GATEWAY__AUTH__TYPE": "jupyterhub",
    }


def idle_arguments(settings: Settings) -> list[str]:
    """Return the server's arguments for ending what is idle.

    The server decides this itself: it alone knows whether a kernel is busy. An
    idle kernel is ended even when a tab is open (an open tab is no work), a busy
    one never; a server ends only when it has no kernel and no terminal.
    """
    return [
        f"--MappingKernelManager.cull_idle_timeout={settings.kernel_idle_seconds}",
        f"--MappingKernelManager.cull_interval={_interval(settings)}",
        "--MappingKernelManager.cull_busy=False",
        "--MappingKernelManager.cull_connected=True",
        f"--ServerApp.shutdown_no_activity_timeout={settings.server_idle_seconds}",
    ]


def _interval(settings: Settings) -> int:
    return max(1, min(300, settings.kernel_idle_seconds // 4))

"""Dask-Gateway, a daemon of its own that asks the hub who is who.

Neither the end of the hub nor that of the gateway takes a cluster with it.
"""

import sys
from pathlib import Path
from typing import Any

from daisy_hub.databases import database_url
from daisy_hub.gateway.software import dask_commands, options_now
from daisy_hub.generations import current, environments_of
from daisy_hub.settings import GATEWAY_SERVICE, Settings

GATEWAY_CONFIG = Path(__file__).parent.parent / "gateway_config.py"


def command() -> list[str]:
    """Return the command line of the gateway."""
    return [sys.executable, "-m", "dask_gateway_server", "-f", str(GATEWAY_CONFIG)]


def proxy_command() -> list[str]:
    """Return the command line of its proxy, through which clients reach schedulers."""
    program, config = command()[:3], command()[3:]
    return [*program, "proxy", *config]


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables by which the gateway knows the hub, and its proxy it."""
    return {
        "JUPYTERHUB_SERVICE_NAME": GATEWAY_SERVICE,
        "JUPYTERHUB_API_TOKEN": settings.gateway_token,
        "JUPYTERHUB_API_URL": settings.url("hub") + "/hub/api",
        "DASK_GATEWAY_PROXY_TOKEN": settings.gateway_proxy_token,
        "DASK_GATEWAY_ENCRYPT_KEYS": settings.gateway_database_key,
    }


def apply(config: Any, settings: Settings) -> None:
    """Add the service, and let every user reach it."""
    config.JupyterHub.services += [
        {
            "name": GATEWAY_SERVICE,
            "url": settings.url("gateway"),
            "api_token": settings.gateway_token,
            "display": False,
        }
    ]
    scope = f"access:services!service={GATEWAY_SERVICE}"
    config.JupyterHub.extra_user_scopes.append(scope)


def apply_gateway(config: Any, settings: Settings) -> None:
    """Set the gateway's own configuration from the same settings."""
    gateway = config.DaskGateway
    gateway.authenticator_class = (
        "daisy_hub.gateway.authenticator.DaisyHubAuthenticator"
    )
    gateway.address = f"127.0.0.1:{settings.ports['gateway-api']}"
    # a revoked token is refused after this many seconds
    config.Authenticator.cache_max_age = 5
    _set_proxy(config.Proxy, settings)
    backend = _backend(config, settings)
    _set_periods(backend)
    backend.db_url = database_url(settings, "gateway")
    if settings.database is not None:
        from daisy_hub.gateway.database import use_postgresql

        use_postgresql()
    backend.stop_clusters_on_shutdown = False
    backend.cluster_options = options_now
    _set_clusters(config.ClusterConfig, settings)


def _set_proxy(proxy: Any, settings: Settings) -> None:
    proxy.address = f"127.0.0.1:{settings.ports['gateway']}"
    proxy.tcp_address = f"{settings.bind_address}:{settings.ports['gateway-tcp']}"
    proxy.prefix = settings.gateway_prefix
    proxy.externally_managed = True


def _backend(config: Any, settings: Settings) -> Any:
    """Choose what starts clusters, and return its configuration."""
    if settings.profile == "docker":
        name, backend = "containers.ContainerBackend", config.ContainerBackend
        backend.api_url = f"{settings.inner_url}{settings.gateway_prefix}/api"
    else:
        name, backend = "backend.SandboxBackend", config.SandboxBackend
        backend.clusters_directory = str(settings.state / "clusters")
    config.DaskGateway.backend_class = f"daisy_hub.gateway.{name}"
    return backend


def _set_periods(backend: Any) -> None:
    backend.cluster_status_period = backend.worker_status_period = 5
    backend.check_timeouts_period = 5
    # a scheduler that computes much may be silent for long; a dead one is seen at once
    backend.cluster_heartbeat_period = 5
    backend.cluster_heartbeat_timeout = 120


def _set_clusters(cluster: Any, settings: Settings) -> None:
    # where every generation is seen
    _, environment = environments_of(settings, current(settings))
    dask = str(environment / "bin" / "dask")
    cluster.scheduler_cmd, cluster.worker_cmd = dask_commands([dask])
    cluster.worker_cores, cluster.worker_memory = 1, settings.worker_memory
    if settings.profile == "docker":
        # as the launcher limits them
        limits = settings.containers.worker
        cluster.worker_cores, cluster.worker_memory = limits.cpus, int(limits.memory)
    cluster.idle_timeout = settings.cluster_idle_seconds
    cluster.cluster_max_workers = settings.cluster_max_workers

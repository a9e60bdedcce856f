"""Dask-Gateway as a service that the hub starts and that asks the hub who is who."""

import sys
from pathlib import Path
from typing import Any

from daisy_hub.settings import (
    GATEWAY_SERVICE,
    INSTANCE_VARIABLE,
    Settings,
    settings_file,
)

GATEWAY_CONFIG = Path(__file__).parent.parent / "gateway_config.py"


def apply(config: Any, settings: Settings) -> None:
    """Add the service, and let every user reach it."""
    config.JupyterHub.services = [
        {
            "name": GATEWAY_SERVICE,
            "url": settings.url("gateway"),
            "display": False,
            "command": [
                sys.executable, "-m", "dask_gateway_server", "-f", str(GATEWAY_CONFIG),
            ],
            "environment": {
                "DAISY_SETTINGS": str(settings_file()),
                INSTANCE_VARIABLE: settings.instance,
                "PATH": "/usr/local/bin:/usr/bin:/bin",
            },
        }
    ]  # fmt: skip
    config.JupyterHub.extra_user_scopes = [f"access:services!service={GATEWAY_SERVICE}"]


def apply_gateway(config: Any, settings: Settings) -> None:
    """Set the gateway's own configuration from the same settings."""
    ports = settings.ports
    gateway = config.DaskGateway
    gateway.backend_class = "daisy_hub.gateway.SandboxBackend"
    gateway.authenticator_class = "daisy_hub.gateway.DaisyHubAuthenticator"
    gateway.address = f"127.0.0.1:{ports['gateway-api']}"
    config.Proxy.address = f"127.0.0.1:{ports['gateway']}"
    config.Proxy.tcp_address = f"127.0.0.1:{ports['gateway-tcp']}"
    config.Proxy.prefix = settings.gateway_prefix
    # a revoked token is refused after this many seconds
    config.Authenticator.cache_max_age = 5

    backend = config.SandboxBackend
    backend.clusters_directory = str(settings.state / "clusters")
    backend.cluster_status_period = backend.worker_status_period = 5
    backend.check_timeouts_period = 5

    dask = str(settings.user_environment / "bin" / "dask")
    cluster = config.ClusterConfig
    # lists, because a string is taken as one word; no dashboard, because the
    # gateway shows it to anybody (dask-gateway#570)
    lease = ["--preload", "daisy_kernel.compute.lease"]
    cluster.scheduler_cmd = [dask, "scheduler", "--no-dashboard", *lease]
    cluster.worker_cmd = [dask, "worker", "--no-dashboard", "--local-directory", "/tmp"]
    cluster.worker_cores = 1
    cluster.worker_memory = settings.worker_memory
    cluster.cluster_max_workers = settings.cluster_max_workers

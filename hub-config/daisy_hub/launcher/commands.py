"""What runs in the containers of accounts: three fixed command lines."""

from pathlib import Path

from daisy_hub.container_settings import Limits
from daisy_hub.gateway.software import dask_program
from daisy_hub.idle import idle_arguments
from daisy_hub.settings import Settings
from daisy_hub.starting.limits import time_words
from daisy_hub.starting.profiles import ServerProfile

# each scheduler has a container of its own, so that ports can be fixed
SCHEDULER_PORT, PAGES_PORT, CONTROL_PORT = 8786, 8787, 8788
EVERYWHERE = "0.0.0.0"  # of the account's own network
# seconds; the first as the gateway has it
HEARTBEAT, ADAPTIVE = 5, 3


def server(settings: Settings, environment: Path, profile: ServerProfile) -> list[str]:
    """Return the command line of an account's server."""
    program = str(environment / "bin/jupyterhub-singleuser")
    return [*time_words(profile), program, *idle_arguments(settings)]


def scheduler(settings: Settings, environment: Path, software: str) -> list[str]:
    """Return the command line of a scheduler, with the gateway's own part in it.

    Parameters
    ----------
    software
        Folder of a named environment of the owner; "" for the usual packages.
    """
    return [
        *dask_program(str(environment / "bin/dask"), software), "scheduler",
        "--preload", "daisy_kernel.compute.lease",
        "--preload", "/etc/jupyter/dask_dashboard.py",
        "--dashboard-address", f"{EVERYWHERE}:{PAGES_PORT}",
        "--protocol", "tls", "--host", EVERYWHERE, "--port", str(SCHEDULER_PORT),
        "--preload", "dask_gateway.scheduler_preload",
        "--dg-api-address", f"{EVERYWHERE}:{CONTROL_PORT}",
        "--dg-heartbeat-period", str(HEARTBEAT), "--dg-adaptive-period", str(ADAPTIVE),
        "--dg-idle-timeout", str(settings.cluster_idle_seconds),
    ]  # fmt: skip


def worker(
    environment: Path, software: str, name: str, address: str, limits: Limits
) -> list[str]:
    """Return the command line of a worker.

    Parameters
    ----------
    software
        As of its scheduler.
    address
        Of the scheduler's container on the account's network.
    """
    return [
        *dask_program(str(environment / "bin/dask"), software),
        "worker", f"tls://{address}:{SCHEDULER_PORT}",
        "--no-dashboard", "--local-directory", "/tmp", "--name", name,
        "--nthreads", "1", "--memory-limit", str(int(limits.memory)),
    ]  # fmt: skip

"""What runs in the containers of accounts: three fixed command lines."""

from pathlib import Path

from daisy_hub.container_settings import Limits
from daisy_hub.idle import idle_arguments
from daisy_hub.settings import Settings

# each scheduler has a container of its own, so that ports can be fixed
SCHEDULER_PORT, CONTROL_PORT = 8786, 8788
EVERYWHERE = "0.0.0.0"  # of the account's own network
# as dask-gateway's own defaults, seconds
HEARTBEAT, ADAPTIVE = 15, 3


def server(settings: Settings, environment: Path) -> list[str]:
    """Return the command line of an account's server."""
    return [str(environment / "bin/jupyterhub-singleuser"), *idle_arguments(settings)]


def scheduler(environment: Path) -> list[str]:
    """Return the command line of a scheduler, with the gateway's own part in it."""
    return [
        str(environment / "bin/dask"), "scheduler", "--no-dashboard",
        "--preload", "daisy_kernel.compute.lease",
        "--protocol", "tls", "--host", EVERYWHERE, "--port", str(SCHEDULER_PORT),
        "--preload", "dask_gateway.scheduler_preload",
        "--dg-api-address", f"{EVERYWHERE}:{CONTROL_PORT}",
        "--dg-heartbeat-period", str(HEARTBEAT), "--dg-adaptive-period", str(ADAPTIVE),
        # the lease ends what nobody uses
        "--dg-idle-timeout", "0",
    ]  # fmt: skip


def worker(environment: Path, name: str, address: str, limits: Limits) -> list[str]:
    """Return the command line of a worker.

    Parameters
    ----------
    address
        Of the scheduler's container on the account's network.
    """
    return [
        str(environment / "bin/dask"), "worker", f"tls://{address}:{SCHEDULER_PORT}",
        "--no-dashboard", "--local-directory", "/tmp", "--name", name,
        "--nthreads", "1", "--memory-limit", str(int(limits.memory)),
    ]  # fmt: skip


def cluster_variables(settings: Settings) -> dict[str, str]:
    """Return the variables of schedulers and workers that no caller may set."""
    return {
        "TMPDIR": "/tmp",
        # no page of a scheduler or worker until it can ask who is there
        "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]",
        "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]",
        # an item of which three workers died is given up
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
        "DAISY_LEASE_SECONDS": str(settings.cluster_lease_seconds),
    }

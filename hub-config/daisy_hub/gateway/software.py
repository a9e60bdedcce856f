"""The packages of a cluster: the usual ones, or a named environment of its owner.

The interpreter that is named runs behind the owner's wall, as the owner's server does:
a wrong name harms nobody else.
"""

import re
from typing import Any

from dask_gateway_server.options import Options, String

# a folder as sandboxes show it; no part of it leads up
INNER_FOLDER = r"/home(/(?!\.\.?(/|$))[\w.@+-]{1,100}){1,20}"


def dask_program(usual: str, environment: str) -> list[str]:
    """Return how dask is called: *usual*, or by the interpreter of an environment."""
    return [f"{environment}/bin/python", "-m", "dask"] if environment else [usual]


def dask_commands(dask: list[str]) -> tuple[list[str], list[str]]:
    """Return the command lines of schedulers and workers: lists, not one word."""
    scheduler = [
        *dask, "scheduler",
        "--preload", "daisy_kernel.compute.lease",
        "--preload", "/etc/jupyter/dask_dashboard.py",
    ]  # fmt: skip
    return scheduler, [*dask, "worker", "--no-dashboard", "--local-directory", "/tmp"]


def named_environments() -> Options:
    """Let whoever starts a cluster name an environment."""

    def handler(options: Any) -> dict[str, Any]:
        environment = options.environment
        if not environment:
            return {}
        if not re.fullmatch(INNER_FOLDER, environment):
            raise ValueError(f"{environment!r} is no folder of a named environment")
        scheduler, worker = dask_commands(dask_program("", environment))
        return {"scheduler_cmd": scheduler, "worker_cmd": worker}

    return Options(String("environment", default=""), handler=handler)

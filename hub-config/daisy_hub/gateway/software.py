"""The packages of a cluster: of a generation, and perhaps a named environment over it.

A client asks for the generation that it is of itself (`sandbox.generation_variables`),
and the cluster has it to its end: a worker that is started later is like the first.

The interpreter that is named runs behind the owner's wall, as the owner's server does:
a wrong name harms nobody else.
"""

import re
from typing import Any

from dask_gateway_server.options import Options, String

from daisy_hub.generations import current, named
from daisy_hub.settings import Settings, load

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


def generation_of(cluster: Any) -> str:
    """Return the generation that a cluster has; "" where there are none."""
    return str(cluster.options.get("generation", ""))


def options_now(_: Any = None) -> Options:
    """Return what whoever starts a cluster may say at this moment."""
    settings = load()
    return software_options(settings, current(settings).name)


def software_options(settings: Settings, usual: str) -> Options:
    """Let whoever starts a cluster name a generation and an environment.

    Parameters
    ----------
    usual
        The generation for who names none.
    """

    def handler(options: Any) -> dict[str, Any]:
        named(settings, options.generation)  # or says in words that there is none
        environment = options.environment
        if not environment:
            return {}
        if not re.fullmatch(INNER_FOLDER, environment):
            raise ValueError(f"{environment!r} is no folder of a named environment")
        scheduler, worker = dask_commands(dask_program("", environment))
        return {"scheduler_cmd": scheduler, "worker_cmd": worker}

    return Options(
        String("environment", default=""),
        String("generation", default=usual),
        handler=handler,
    )

"""The user's clusters, as the gateway's REST interface tells of them.

Not through its client library, which would bring dask into the server's process.
"""

import os
import re
from dataclasses import dataclass
from typing import Any

from daisy_lab.asking import TOKEN, NoAnswer, ask

ADDRESS = "DASK_GATEWAY__ADDRESS"
PAGES = "DASK_GATEWAY__PUBLIC_ADDRESS"
NAME = re.compile(r"[\w.-]{1,100}")
MANY_WORKERS = 1_000_000


class ClustersUnavailable(Exception):
    """The gateway does not answer, or refuses; the text says why."""


@dataclass(frozen=True)
class Cluster:
    """One cluster.

    Attributes
    ----------
    state
        `pending`, `running` or `stopping`.
    workers, wanted, most
        How many there are, were asked for, and may be asked for; None where the gateway
        does not say.
    started
        Seconds since 1970.
    page
        Where its page is, below the address of the hub; "" where it has none.
    """

    name: str
    state: str
    workers: int | None
    wanted: int | None
    most: int | None
    started: float
    page: str


def are_here() -> bool:
    """Whether this server has a gateway."""
    return bool(os.environ.get(ADDRESS) and os.environ.get(TOKEN))


async def clusters() -> list[Cluster]:
    """List the user's clusters, oldest first.

    Raises
    ------
    ClustersUnavailable
    """
    found = await _ask("GET", "clusters/")
    return sorted(
        (_cluster(each) for each in found.values()), key=lambda c: (c.started, c.name)
    )


async def scale(name: str, workers: int) -> str:
    """Ask for so many workers; return what the gateway has to say of it, or "".

    Raises
    ------
    ClustersUnavailable
    """
    answer = await _ask("POST", f"clusters/{_checked(name)}/scale", {"count": workers})
    return str(answer.get("msg") or "")


async def stop(name: str) -> None:
    """Stop a cluster with all that it computes.

    Raises
    ------
    ClustersUnavailable
    """
    await _ask("DELETE", f"clusters/{_checked(name)}")


async def usage() -> dict[str, Any]:
    """Return the core hours of this month: {"month", "hours"}, as the gateway counts.

    Raises
    ------
    ClustersUnavailable
    """
    return await _ask("GET", "usage")


async def current_generation() -> str:
    """Return the software that new servers get; "" where there is one kind only.

    It is what the gateway gives a cluster of who names none.

    Raises
    ------
    ClustersUnavailable
    """
    told = await _ask("GET", "options")
    options = {o["field"]: o.get("default") for o in told["cluster_options"]}
    return str(options.get("generation") or "")


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a cluster")
    return name


async def _ask(method: str, path: str, body: Any = None) -> dict[str, Any]:
    url = f"{os.environ[ADDRESS]}/api/v1/{path}"
    try:
        found: dict[str, Any] = await ask(
            method, url, body, scheme="jupyterhub", words="error"
        )
    except NoAnswer as error:
        raise ClustersUnavailable(
            error.said or f"The gateway {error}. Clusters go on; try again in a minute."
        ) from error
    return found


def _cluster(told: dict[str, Any]) -> Cluster:
    options = told.get("options") or {}
    route, pages = told.get("dashboard_route"), os.environ.get(PAGES, "")
    return Cluster(
        name=str(told["name"]),
        state=str(told["status"]).lower(),
        workers=options.get("workers"),
        wanted=options.get("wanted"),
        most=options.get("most"),
        started=(told.get("start_time") or 0) / 1000,
        page=f"{pages}{route}" if route and pages else "",
    )

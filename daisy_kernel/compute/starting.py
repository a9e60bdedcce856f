"""The user's cluster found, or a new one started.

Requirements
- A cluster that runs is taken, if it answers and has the same software; if not, that
  is said.
- Who is interrupted while a cluster starts leaves none behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from daisy_kernel.compute.access import INSTEAD, translated
from daisy_kernel.compute.cluster import Cluster
from daisy_kernel.compute.progress import WaitingLine
from daisy_kernel.compute.software import environment_here, generation_here
from daisy_kernel.compute.versions import difference, theirs
from daisy_kernel.model.errors import EngineUnavailable

Made = TypeVar("Made")
Say = Callable[[str], None]
_POLL_SECONDS = 0.2
# of a scheduler that is listed: it may be dead, and its proxy does not say so
_ANSWER_SECONDS = 5.0


def find_or_start(gateway: Any, timeout: float, say: Say) -> Cluster:
    """Give the user's running cluster, else a new one.

    Parameters
    ----------
    timeout
        Seconds to wait until it has started.
    say
        Called with a sentence about a cluster that is there but not used.

    Raises
    ------
    EngineUnavailable
        The gateway is away, or gives no cluster.
    """
    here = environment_here()
    with translated("gives no list of clusters"):
        listed = gateway.list_clusters()
    for report in listed:
        if (there := report.options.get("environment", "")) != here:
            say(
                f"the cluster {report.name} is not used: it has the packages of "
                f"{there or 'the usual environment'}"
            )
            continue
        if there := _other_generation(report.options):
            say(
                f"the cluster {report.name} is not used: it was started from a server "
                f"with other software ({there}; this one has {generation_here()})"
            )
            continue
        found = _found(gateway, report.name, timeout, say)
        if found is not None:
            return found
    return _started(gateway, timeout, {"environment": here} if here else {})


def _other_generation(options: dict[str, str]) -> str:
    """Give the generation of a cluster that is not the one here, else ""."""
    there, here = options.get("generation", ""), generation_here()
    return there if there and here and there != here else ""


def _found(gateway: Any, name: str, timeout: float, say: Say) -> Cluster | None:
    """Join a cluster that is listed, if it is of use."""
    try:
        _wait_until_it_runs(gateway, name, timeout)
        cluster, wrong = _joined(gateway, name, _ANSWER_SECONDS, is_own=False)
    except EngineUnavailable:
        say(f"the cluster {name} is listed, but does not answer: it is not used")
        return None
    if not wrong:
        return cluster
    cluster.leave()
    say(f"the cluster {name} is not used: {wrong}")
    return None


def _started(gateway: Any, timeout: float, options: dict[str, str]) -> Cluster:
    """Start a cluster; one that is not given back is ended."""
    with translated("gives no cluster"):
        submit = partial(gateway.submit, **options)
        name: str = _undisturbed(submit, gateway.stop_cluster)
    try:
        _wait_until_it_runs(gateway, name, timeout)
        cluster, wrong = _joined(gateway, name, timeout, is_own=True)
        if wrong:
            cluster.leave()
            raise EngineUnavailable(
                f"the gateway's workers have other software than this kernel: {wrong}. "
                f"Start your server again so that both are the same, or {INSTEAD}"
            )
    except BaseException:
        with suppress(Exception):
            gateway.stop_cluster(name)
        raise
    return cluster


def _undisturbed(make: Callable[[], Made], undo: Callable[[Made], object]) -> Made:
    """Make something that must not be forgotten if the user interrupts just now."""
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(make)
        try:
            return made.result()
        except KeyboardInterrupt:
            with suppress(Exception):
                undo(made.result())
            raise


def _wait_until_it_runs(gateway: Any, name: str, timeout: float) -> None:
    from dask_gateway.client import ClusterStatus

    line, end = WaitingLine("waiting for the scheduler:"), time.monotonic() + timeout
    try:
        while (status := _status(gateway, name)) is not ClusterStatus.RUNNING:
            if status is not ClusterStatus.PENDING:
                raise EngineUnavailable(
                    f"the cluster {name} is {status.name.lower()}: the gateway's log "
                    f"says why. Meanwhile {INSTEAD}"
                )
            if time.monotonic() > end:
                raise EngineUnavailable(
                    f"the cluster {name} has not started within {timeout:.0f} s. "
                    f"There may be no room: try again later, or {INSTEAD}"
                )
            line(0, 1)
            time.sleep(_POLL_SECONDS)
    finally:
        line.end()


def _status(gateway: Any, name: str) -> Any:
    with translated("does not tell how the cluster does"):
        return gateway.get_cluster(name).status


def _joined(
    gateway: Any, name: str, timeout: float, *, is_own: bool
) -> tuple[Cluster, str]:
    """Connect to a cluster that runs, and say in what its software differs."""
    from distributed import Client

    def connect() -> Any:
        report = gateway.get_cluster(name)
        return Client(  # type: ignore[no-untyped-call]
            report.scheduler_address, security=report.security, timeout=timeout
        )

    with translated("runs the cluster, but its scheduler does not answer"):
        client = _undisturbed(connect, lambda client: client.close())
        try:
            return Cluster(gateway, name, client, is_own), _difference(client)
        except BaseException:
            # a client that is left would keep the cluster for good
            with suppress(Exception):
                client.close()
            raise


def _difference(client: Any) -> str:
    scheduler, workers = theirs(client)
    found = (difference(there) for there in (scheduler, *workers.values()))
    return next(filter(None, found), "")

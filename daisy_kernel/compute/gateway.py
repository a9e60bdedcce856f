"""The engine on a cluster of one's own from Dask-Gateway."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from daisy_kernel.compute.access import INSTEAD, gateway
from daisy_kernel.compute.client import Crew, DaskEngine
from daisy_kernel.compute.cluster import Bounds, Cluster
from daisy_kernel.compute.engine import Item, Result
from daisy_kernel.compute.growth import Growth
from daisy_kernel.compute.progress import WaitingLine, say
from daisy_kernel.compute.starting import find_or_start
from daisy_kernel.model.errors import EngineUnavailable, ParameterRefused

_POLL_SECONDS = 0.2


class GatewayEngine(DaskEngine):
    """A cluster from Dask-Gateway: the one that runs already, or a new one.

    Several kernels share one cluster. A cluster that has ended since it was used
    (its lease was over, somebody stopped it) is replaced at the next use.

    Parameters
    ----------
    workers
        How many workers to ask for; two numbers are bounds, between which dask
        adapts to the work that waits.
    timeout
        Seconds to wait for the first worker.

    Attributes
    ----------
    notes
        What was said about clusters that could not be used, or had ended.

    Raises
    ------
    EngineUnavailable
        There is no gateway here, or no worker came in time.
    ParameterRefused
        Bounds that are none.
    """

    name = "gateway"

    def __init__(
        self, workers: int | tuple[int, int] = 2, timeout: float = 120
    ) -> None:
        self._wanted, self._timeout = _bounds(workers), timeout
        self.notes: tuple[str, ...] = ()
        self._cluster: Cluster | None = None
        self._is_closed = False
        self._gateway = gateway()
        self.connect()

    @property
    def workers(self) -> int:
        """How many items are worked on at a time, once all workers are there."""
        return self._wanted[1]

    @property
    def client(self) -> Any:
        """The dask client of the cluster."""
        return self.connect().client

    @property
    def cluster(self) -> Cluster:
        """The cluster."""
        return self.connect()

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield (number of the item, result) in the order of finishing.

        A lost worker costs the items that it had: they are done again.

        Raises
        ------
        EngineUnavailable
            The cluster is gone while it works, or cannot be had again.
        ItemEndsWorkers
            Workers die of an item.
        """
        cluster, (least, most) = self.connect(), self._wanted
        if least == most:
            yield from self._crew.fly(function, items)
            return
        growth = Growth(cluster, most, len(items))
        try:
            yield from Crew(cluster.client, most, growth).fly(function, items)
        finally:
            growth.end()

    def connect(self) -> Cluster:
        """Give the cluster; a new one if that of the last use has ended."""
        if self._is_closed:
            raise EngineUnavailable(
                "this engine is closed: make another one with daisy.engine('gateway')"
            )
        before = self._cluster
        if before is not None and before.is_alive:
            return before
        cluster = self._ready()
        if before is not None:
            before.leave()
            if before.name == cluster.name:  # only the connection was lost
                cluster = replace(cluster, is_own=before.is_own)
            else:
                self._note(
                    f"the cluster {before.name} has ended, {cluster.name} takes its "
                    "place"
                )
        self._cluster = cluster
        self._crew = Crew(cluster.client, self._wanted[1])
        return cluster

    def close(self) -> None:
        """End the cluster if it was started here and nobody else uses it."""
        self._is_closed = True
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            cluster.leave()

    def _ready(self) -> Cluster:
        """Find or start a cluster, and wait for its first worker."""
        cluster = find_or_start(self._gateway, self._timeout, self._note)
        try:
            cluster.ask_for(self._wanted)
            self._wait_for_workers(cluster)
        except BaseException:
            cluster.leave()
            raise
        return cluster

    def _wait_for_workers(self, cluster: Cluster) -> None:
        """Wait for the first worker; others join while it works."""
        least, most = self._wanted
        end = time.monotonic() + self._timeout
        line = WaitingLine("waiting for workers:")
        try:
            while least and not cluster.workers():
                if time.monotonic() > end:
                    raise EngineUnavailable(
                        f"no worker came within {self._timeout:.0f} s. There may be no "
                        f"room: try again later, or {INSTEAD}"
                    )
                line(0, most)
                time.sleep(_POLL_SECONDS)
        finally:
            line.end()

    def _note(self, text: str) -> None:
        self.notes = (*self.notes, text)
        say(text)

    def __repr__(self) -> str:
        least, most = self._wanted
        count = f"{most}" if least == most else f"{least} to {most}"
        name = self._cluster.name if self._cluster else "closed"
        return f"<GatewayEngine {name}, {count} workers>"


def _bounds(workers: int | tuple[int, int]) -> Bounds:
    if isinstance(workers, int):
        least = most = workers
    else:
        least, most = workers
    if not 0 <= least <= most or not most:
        raise ParameterRefused(
            f"workers={workers}: give a number of 1 or more, or two for the least and "
            "the most"
        )
    return int(least), int(most)

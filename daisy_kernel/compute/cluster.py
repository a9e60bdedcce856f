"""The user's cluster on a Dask-Gateway: what is asked of it, and how it is left.

Requirements
- There is one cluster for all kernels of a user: nobody takes workers away from
  another kernel, or ends a cluster that it uses.
- What nobody closes ends by its lease (`compute/lease.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from daisy_kernel.compute.access import translated
from daisy_kernel.compute.scheduler import asked_for

# least and most workers; alike where the number is fixed
Bounds = tuple[int, int]


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs, and a client of it.

    Attributes
    ----------
    gateway, name
        Where it runs, and how it is called there.
    client
        A dask client that is connected to it.
    is_own
        Whether it was started here.
    """

    gateway: Any
    name: str
    client: Any
    is_own: bool

    @property
    def is_alive(self) -> bool:
        """Whether its scheduler is connected."""
        return bool(self.client.status == "running")

    def workers(self) -> int:
        """Count the workers that are there."""
        with translated("has lost the cluster again"):
            return len(self.client.nthreads())

    def others(self) -> list[str]:
        """Name the other clients."""
        found = self.client.run_on_scheduler(asked_for)["clients"]
        return [name for name in found if name != self.client.id]

    def ask_for(self, wanted: Bounds) -> None:
        """Ask for workers; where others work as well, for no fewer than they have."""
        with translated("gives no workers"):
            known = self.client.run_on_scheduler(asked_for)
            if len(known["clients"]) > 1:
                wanted = _shared(wanted, known["count"], known["bounds"])
            least, most = wanted
            if least == most:
                self.gateway.scale_cluster(self.name, most)
            else:
                self.adapt(least, most)

    def bounds(self) -> tuple[int, int | None] | None:
        """Give least and most workers, None where their number is fixed."""
        known: Mapping[str, Any] = self.client.run_on_scheduler(asked_for)
        found: tuple[int, int | None] | None = known["bounds"]
        return found

    def adapt(self, least: int, most: int | None) -> None:
        """Let dask adapt the number of workers, whoever works there."""
        with translated("gives no workers"):
            self.gateway.adapt_cluster(self.name, least, most)

    def leave(self) -> None:
        """End it if it was started here and nobody else is there; else only go."""
        ends = False
        with suppress(Exception):  # a cluster that is gone needs no good-bye
            ends = self.is_own and self.is_alive and not self.others()
        with suppress(Exception):
            self.client.close()
        if ends:
            with suppress(Exception):  # then its lease ends it
                self.gateway.stop_cluster(self.name)


def _shared(
    wanted: Bounds, count: int, bounds: tuple[int, int | None] | None
) -> Bounds:
    """Join what is wanted with what others of the cluster have asked for."""
    least, most = wanted
    if bounds is None and least == most:
        return (max(count, most),) * 2
    has_least, has_most = bounds or (count, count)
    return max(least, has_least), max(most, has_most or most)

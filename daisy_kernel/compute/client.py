"""The engine on any dask client, and what it knows of the workers behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from daisy_kernel.compute.engine import Item, Result
from daisy_kernel.compute.progress import WaitingLine
from daisy_kernel.compute.versions import difference, theirs
from daisy_kernel.model.closing import Closing
from daisy_kernel.model.errors import EngineUnavailable, ParameterRefused


class DaskEngine(Closing):
    """Runs on the workers of a dask client that the caller owns.

    Parameters
    ----------
    client
        A `distributed.Client`, connected and not asynchronous.

    Attributes
    ----------
    is_far
        Whether results travel: then a worker adds up what it can before it sends.

    Raises
    ------
    ParameterRefused
        The client is asynchronous.
    """

    name, is_far = "dask", True

    def __init__(self, client: Any) -> None:
        if client.asynchronous:
            raise ParameterRefused(
                "the client is asynchronous: connect one with Client(address)"
            )
        self._client, self._crew = client, Crew(client)

    @property
    def client(self) -> Any:
        """The dask client."""
        return self._client

    @property
    def workers(self) -> int:
        """How many items are worked on at a time."""
        return max(1, int(sum(self.client.nthreads().values())))

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield (number of the item, result) in the order of finishing.

        A lost worker costs the items that it had: they are done again.

        Raises
        ------
        EngineUnavailable
            The cluster is gone, or its workers run other versions.
        ItemEndsWorkers
            Workers die of an item; dask's `allowed-failures` says after how many.
        """
        yield from self._crew.fly(function, items)

    def __repr__(self) -> str:
        return f"<DaskEngine {self._client.status}>"


class Crew:
    """The workers of a client: how many they are, and whether they fit.

    Parameters
    ----------
    most
        Threads that the cluster may still get: dask adds workers for what waits.
    grow
        Told how many items wait here, which dask does not see.
    """

    def __init__(
        self,
        client: Any,
        most: int = 0,
        grow: Callable[[int], None] = lambda waiting: None,
    ) -> None:
        self._client, self._most, self._grow = client, most, grow
        self._known: set[str] = set()
        self._line = WaitingLine("waiting for workers:")

    def fly(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Do items; see `DaskEngine.map`."""
        # dask is imported where it is used only
        from daisy_kernel.compute.flight import Flight

        if self._client.status != "running":
            raise EngineUnavailable(
                "the client is not connected to a cluster (any more): it is "
                f"{self._client.status}. Connect a new one, or use "
                "daisy.engine('local')"
            )
        try:
            yield from Flight(self._client, function, items, self.threads).results()
        finally:
            self._line.end()

    def threads(self, waiting: int) -> int:
        """Look at the workers; give their threads, or those that are to come."""
        self._grow(waiting)
        try:
            found: dict[str, int] = self._client.nthreads()
            if not found.keys() <= self._known:
                self._check()
                self._known.update(found)
        except (OSError, AttributeError):
            # distributed has no scheduler to ask (None) while the connection is lost;
            # whether the cluster is gone, the items under way will tell
            return self._most
        if found:
            self._line.end()
        else:
            self._line(0, max(1, self._most))
        return max(self._most, sum(found.values()))

    def _check(self) -> None:
        """Refuse workers with other versions.

        Raises
        ------
        EngineUnavailable
            Both versions are in the message.
        """
        for address, there in theirs(self._client)[1].items():
            if wrong := difference(there):
                raise EngineUnavailable(
                    f"the worker at {address} cannot be used: {wrong}. Start the "
                    "workers from the same environment as this kernel, or use "
                    "daisy.engine('local')"
                )

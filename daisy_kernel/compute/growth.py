"""More workers for a long run on a cluster whose size adapts.

Dask adapts to the items that it knows, which are only those under way: of a
thousand items that are a few at a time, it would do all with one worker.
"""

from __future__ import annotations

import time
from contextlib import suppress

from daisy_kernel.compute.cluster import Cluster

# a run that takes less is over before a worker has come
_LONG_SECONDS = 5.0


class Growth:
    """Asks for all workers while a run is long, and takes that back at its end.

    Parameters
    ----------
    most
        Workers at most.
    total
        Items of the run.
    """

    def __init__(self, cluster: Cluster, most: int, total: int) -> None:
        self._cluster, self._most, self._total = cluster, most, total
        self._start = time.monotonic()
        self._before: tuple[int, int | None] | None = None

    def __call__(self, waiting: int) -> None:
        """Look at how many items are not sent yet."""
        if self._before is not None:
            return
        seconds = time.monotonic() - self._start
        sent = self._total - waiting
        if seconds >= 1 and waiting * seconds > sent * _LONG_SECONDS:
            with suppress(Exception):  # the run goes on with fewer
                self._before = self._cluster.bounds()
                if self._before is not None:
                    self._cluster.adapt(self._most, self._before[1])

    def end(self) -> None:
        """Ask for no more than before."""
        if self._before is not None:
            with suppress(Exception):  # the cluster may be gone
                self._cluster.adapt(*self._before)

"""The engine that is always there: threads of this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from daisy_kernel.compute.engine import Item, Result
from daisy_kernel.compute.processes import ProcessEngine
from daisy_kernel.model.closing import Closing


class LocalEngine(Closing):
    """Runs two items at a time, so that reading and computing overlap.

    The core uses all processors for each item, so more threads would only cost
    memory.
    """

    name = "local"

    def __init__(self, workers: int = 2) -> None:
        self._workers = max(1, min(workers, os.cpu_count() or 1))

    @property
    def workers(self) -> int:
        """How many items are worked on at a time."""
        return self._workers

    @property
    def per_process(self) -> int:
        """How many items share the memory of one process."""
        return self._workers

    def apart(self) -> ProcessEngine:
        """Give an engine for what holds Python's lock."""
        return ProcessEngine()

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield (number of the item, result) in the order of finishing."""
        with ThreadPoolExecutor(self._workers) as pool:
            numbers = {pool.submit(function, item): i for i, item in enumerate(items)}
            try:
                for future in as_completed(numbers):
                    # taken out, so that a result is freed when its user is done
                    yield numbers.pop(future), future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

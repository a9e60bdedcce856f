"""An engine of processes, for what holds Python's lock or must not share a process."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from daisy_kernel.compute.engine import Item, Result
from daisy_kernel.model.closing import Closing
from daisy_kernel.model.errors import AlgorithmFailed, OptionalPackageMissing

_function: Any = None


class ProcessEngine(Closing):
    """Runs items in processes of this machine, one per processor.

    The function travels once to each process.
    """

    name = "processes"

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or os.cpu_count() or 1

    @property
    def workers(self) -> int:
        """How many items are worked on at a time."""
        return self._workers

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield (number of the item, result) in the order of finishing.

        Raises
        ------
        AlgorithmFailed
            A process has crashed.
        """
        count = max(1, min(self._workers, len(items)))
        with ProcessPoolExecutor(
            count,
            multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(_pickled(function),),
        ) as pool:
            numbers = {pool.submit(_do, item): i for i, item in enumerate(items)}
            try:
                for future in as_completed(numbers):
                    yield numbers.pop(future), future.result()
            except BrokenProcessPool as error:
                raise AlgorithmFailed(
                    "a process has crashed, or was ended by the system for want of "
                    "memory"
                ) from error
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def _pickled(function: Any) -> bytes:
    try:
        import cloudpickle
    except ImportError as error:
        raise OptionalPackageMissing("cloudpickle", "cluster") from error
    content: bytes = cloudpickle.dumps(function)
    return content


def _begin(content: bytes) -> None:
    global _function  # noqa: PLW0603  (a process of a pool has nowhere else for it)
    _function = pickle.loads(content)  # our own process wrote it


def _do(item: Any) -> Any:
    return _function(item)

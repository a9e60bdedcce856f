"""Items of one map on their way through a dask cluster.

Requirements
- Only a window of items is under way, so that memory does not grow with their number.
- Results come in the order of finishing.
- An item whose worker is lost is done again. Of items that were lost with several
  workers, each is then done alone, so that the one that ends workers is named.
- However it ends, nothing is left on the cluster.
"""

from __future__ import annotations

import itertools
import queue
import reprlib
import time
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Generic

from dask.utils import funcname
from distributed import CancelledError
from distributed.scheduler import KilledWorker

from daisy_kernel.compute.engine import Item, Result
from daisy_kernel.compute.parcel import call, forget, pack, same
from daisy_kernel.model.errors import EngineUnavailable, ItemEndsWorkers

# while one is computed the next ones are on their way, and results on the way back
_PER_THREAD = 4
_LOOK_SECONDS = 1.0
# bytes of a function that is not sent with each item
_LARGE = 64 << 10
_AGAIN = (
    "What was done was handed out; run it again for the rest, or use "
    "daisy.engine('local')"
)


class Flight(Generic[Item, Result]):
    """One map.

    Parameters
    ----------
    threads
        Told now and then how many items are not sent yet; tells how many threads the
        workers have or will have.
    """

    def __init__(
        self,
        client: Any,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        threads: Callable[[int], int],
    ) -> None:
        self._client, self._items = client, items
        self._threads = threads
        self._left = deque(range(len(items)))
        self._sent = itertools.count()  # an item that is sent again has another key
        self._flying: dict[Any, tuple[int, Any]] = {}
        self._landed: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._suspects: list[tuple[int, Any]] = []
        # dask shows what comes before the dash
        self._name = f"{funcname(function)}-{uuid.uuid4().hex}"
        self._width, self._looked = 0, 0.0
        # the function, or where it lies on the cluster
        self._packed: Any = pack(function)

    def results(self) -> Iterator[tuple[int, Result]]:
        """Yield (number of the item, result)."""
        try:
            self._look()
            if len(self._packed) > _LARGE and len(self._left) > self._width:
                name = f"{self._name}-function"
                with _quietly():
                    self._packed = self._client.submit(same, self._packed, key=name)
            self._fill()
            while self._flying:
                yield from self._fetched(self._finished())
                if self._suspects and not self._flying:
                    yield from self._one_by_one()
                    self._fill()
        finally:
            self._abandon()

    def _look(self) -> None:
        self._width = _PER_THREAD * max(1, self._threads(len(self._left)))
        self._looked = time.monotonic()

    def _fill(self) -> None:
        """Send items until the window is full; none while there are suspects."""
        room = 0 if self._suspects else self._width - len(self._flying)
        # not one by one: that would cost a message each
        if room * _PER_THREAD >= self._width or not self._flying:
            count = min(room, len(self._left))
            self._send([self._left.popleft() for _ in range(count)])

    def _send(self, numbers: list[int]) -> None:
        if not numbers:
            return
        keys = [(self._name, number, next(self._sent)) for number in numbers]
        items = [self._items[n] for n in numbers]
        # by position: what dask is given by name becomes a task of that name
        function = [self._name] * len(items), [self._packed] * len(items)
        with _quietly():
            futures = self._client.map(call, items, *function, key=keys, pure=False)
        for number, future in zip(numbers, futures, strict=True):
            self._flying[future.key] = number, future
            future.add_done_callback(self._landed.put)

    def _finished(self) -> list[Any]:
        """Wait for at least one item, and take what has landed since."""
        landed = [self._next()]
        with suppress(queue.Empty):
            while True:
                landed.append(self._landed.get_nowait())
        for future in landed:
            if not _is_done(future):
                self._failed(future)
        return [future for future in landed if _is_done(future)]

    def _next(self) -> Any:
        """Wait for an item; meanwhile look after the workers."""
        while True:
            if time.monotonic() - self._looked >= _LOOK_SECONDS:
                self._look()
                self._fill()
            with suppress(queue.Empty):
                return self._landed.get(timeout=_LOOK_SECONDS)

    def _fetched(self, done: list[Any]) -> Iterator[tuple[int, Result]]:
        """Fetch results together, or alone if one was lost and then failed."""
        try:
            results = self._client.gather(done)
        except Exception:
            results = None
        while done:
            future = done.pop(0)
            try:
                result = results.pop(0) if results else future.result()
            except Exception:
                self._failed(future)
            else:
                number = self._let_go(future)
                self._fill()
                yield number, result
                del result  # its user may be done with it before the next one comes

    def _failed(self, future: Any) -> None:
        """Raise what an item raised; keep those whose workers were lost for later."""
        try:
            future.result()
        except CancelledError as error:
            raise _gone(error) from error
        except KilledWorker as error:
            self._suspects.append((self._let_go(future), error))
        else:  # it has been computed again
            self._landed.put(future)

    def _one_by_one(self) -> Iterator[tuple[int, Result]]:
        """Do suspects with nothing else under way: who ends a worker now is guilty."""
        suspects = tuple(self._suspects)
        if len(suspects) == 1:
            raise self._guilty(*suspects[0])
        for number, _ in suspects:
            self._send([number])
            yield from self._fetched(self._finished())
            if len(self._suspects) > len(suspects):
                raise self._guilty(*self._suspects[-1])
        self._suspects.clear()

    def _guilty(self, number: int, killed: Any) -> ItemEndsWorkers:
        shown = reprlib.repr(self._items[number])
        deaths = int(killed.allowed_failures) + 1
        return ItemEndsWorkers(number, shown, deaths, str(killed.last_worker.address))

    def _let_go(self, future: Any) -> int:
        """Forget an item, here and on the cluster; give its number."""
        number, _ = self._flying.pop(future.key)
        future.release()
        return number

    def _abandon(self) -> None:
        """Take back what is under way."""
        futures = [future for _, future in self._flying.values()]
        self._flying.clear()
        if self._client.status == "running":
            with suppress(Exception):  # the cluster may end just now
                self._client.cancel(futures)
                self._client.run(forget, self._name, wait=False, on_error="ignore")


def _is_done(future: Any) -> bool:
    # of what was finished and then lost, the result is computed again when fetched
    return future.status in ("finished", "lost")


def _gone(error: CancelledError) -> EngineUnavailable:
    reason = getattr(error, "reason", "") or "unknown"
    if reason == "scheduler-connection-lost":
        return EngineUnavailable(
            "the connection to the cluster is lost: its scheduler or the gateway has "
            f"ended, or the network is down. {_AGAIN}"
        )
    return EngineUnavailable(f"the cluster has dropped items ({reason}). {_AGAIN}")


@contextmanager
def _quietly() -> Iterator[None]:
    """Send an array that a function brings along without dask's word on that.

    It travels once; what lies in files is read by the workers.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph")
        yield

"""Engines on dask: any client, and a cluster of one's own from Dask-Gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from daisy_kernel.compute.engine import Item, Result
from daisy_kernel.model.closing import Closing
from daisy_kernel.model.errors import EngineUnavailable, OptionalPackageMissing


class DaskEngine(Closing):
    """Runs on the workers of a dask client that the caller owns."""

    name = "dask"

    def __init__(self, client: Any) -> None:
        self.client = client

    @property
    def workers(self) -> int:
        """How many items are worked on at a time."""
        return max(1, int(sum(self.client.nthreads().values())))

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield (number of the item, result) in the order of finishing."""
        from distributed import as_completed

        futures = [
            # a lost worker is no reason to lose the run
            self.client.submit(function, item, pure=False, retries=2)
            for item in items
        ]
        numbers = {future.key: i for i, future in enumerate(futures)}
        try:
            for future in as_completed(futures):  # type: ignore[no-untyped-call]
                yield numbers[future.key], future.result()
                future.release()
        finally:
            self.client.cancel(futures)


class GatewayEngine(DaskEngine):
    """A cluster from Dask-Gateway: the one that runs already, or a new one.

    Parameters
    ----------
    workers
        How many workers to ask for.
    timeout
        Seconds to wait for the first worker.
    """

    name = "gateway"

    def __init__(self, workers: int = 2, timeout: float = 120) -> None:
        self.cluster, self._own = _cluster(_gateway())
        try:
            self.cluster.scale(workers)
            super().__init__(self.cluster.get_client())
            self.client.wait_for_workers(1, timeout=timeout)
        except BaseException as error:
            self.close()
            if isinstance(error, TimeoutError):
                raise EngineUnavailable(
                    f"no worker came within {timeout:.0f} s. The cluster may be full: "
                    "try again later, or use daisy.engine('local')"
                ) from error
            raise
        self._wanted = workers

    @property
    def workers(self) -> int:
        """How many workers were asked for; some may still be on their way."""
        return max(self._wanted, super().workers)

    def close(self) -> None:
        """End the cluster if this engine started it; else only leave it."""
        if hasattr(self, "client"):
            self.client.close()
        if self._own:
            self.cluster.shutdown()
        else:
            self.cluster.close(shutdown=False)

    def __repr__(self) -> str:
        return f"<GatewayEngine {self.cluster.name}, {self.workers} workers>"


def _cluster(gateway: Any) -> tuple[Any, bool]:
    """Give the user's cluster, and whether it was started just now."""
    from dask_gateway import GatewayClusterError, GatewayServerError

    try:
        running = gateway.list_clusters()
        if running:
            return gateway.connect(running[0].name), False
        return gateway.new_cluster(), True
    except (GatewayClusterError, GatewayServerError, ValueError, OSError) as error:
        raise EngineUnavailable(
            f"the gateway gives no cluster: {error}. Try again, or use "
            "daisy.engine('local')"
        ) from error


def _gateway() -> Any:
    try:
        import dask
        from dask_gateway import Gateway
    except ImportError as error:
        raise OptionalPackageMissing("dask-gateway", "cluster") from error
    if not dask.config.get("gateway.address", None):
        raise EngineUnavailable(
            "no gateway is configured here (DASK_GATEWAY__ADDRESS is not set): "
            "use daisy.engine('local')"
        )
    try:
        return Gateway()
    except (ValueError, OSError) as error:
        raise EngineUnavailable(f"the gateway cannot be used: {error}") from error

"""Engine: where work runs. One function over many items, on whatever machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]


class Engine(Protocol):
    """Runs a function over items and gives results as they finish."""

    name: str

    @property
    def workers(self) -> int:
        """How many items are worked on at a time."""
        ...

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield (number of the item, result) in the order of finishing."""
        ...

    def close(self) -> None:
        """Let go of what the engine holds."""
        ...


def engine(name: str = "local", **options: Any) -> Engine:
    """Give an engine by name.

    Parameters
    ----------
    name
        "local" (this machine), "gateway" (a cluster of your own) or "dask" (any
        dask client).
    options
        `workers`; for "gateway" that can be two numbers, the least and the most,
        and there is `timeout` in seconds; for "dask" only `client`.

    Raises
    ------
    EngineUnavailable
        There is no gateway here, or no worker came in time.
    """
    from daisy_kernel.compute.client import DaskEngine
    from daisy_kernel.compute.gateway import GatewayEngine
    from daisy_kernel.compute.local import LocalEngine

    table: dict[str, Callable[..., Engine]] = {
        "local": LocalEngine,
        "gateway": GatewayEngine,
        "dask": DaskEngine,
    }
    if name not in table:
        raise ValueError(f"there is no engine {name!r}; there are {', '.join(table)}")
    return table[name](**options)

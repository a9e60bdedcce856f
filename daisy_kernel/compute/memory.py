"""An array whose values lie in the memory of a cluster's workers.

It is cut into blocks along its first axis. A read asks only workers that hold some of
what is selected, and they send no more than that. Nothing is kept twice: with a
worker its blocks are gone, and whoever reads them is told so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from daisy_kernel.compute.client import DaskEngine
from daisy_kernel.io.reading.overlap import overlap
from daisy_kernel.model import Dataset
from daisy_kernel.model.errors import EngineUnavailable
from daisy_kernel.model.nodes import Array, Layout
from daisy_kernel.model.selection import Positions, Selection, Steps
from daisy_kernel.model.text import format_bytes

_BLOCK = 64 << 20


@dataclass(frozen=True)
class _Block:
    """Positions of the first axis, and the future that holds them."""

    rows: range
    future: Any


def scatter(name: str, data: Array | Dataset, cluster: Any) -> Dataset:
    """Bring an array to the workers, block by block.

    Parameters
    ----------
    name
        For messages.
    data
        Array, or Dataset that is read block by block.
    cluster
        A dask client, or an engine that has one.

    Raises
    ------
    EngineUnavailable
        There is no worker.
    """
    client = cluster.client if isinstance(cluster, DaskEngine) else cluster
    if not client.nthreads():
        raise EngineUnavailable(
            f"{name} cannot go to the cluster: it has no worker. Wait for one, or use "
            "another tier"
        )
    blocks = [_Block(rows, _sent(client, data, rows)) for rows in _rows(data)]
    return Dataset(ClusterArray(name, tuple(data.shape), data.dtype, blocks))


class ClusterArray:
    """Implements ArraySource for blocks on workers."""

    attrs: Mapping[str, Any] = {}
    notes: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        blocks: Sequence[_Block],
    ) -> None:
        self.path, self.file = name, "cluster memory"
        self.shape, self.dtype, self._blocks = shape, dtype, blocks
        self.axes: tuple[str | None, ...] = (None,) * len(shape)

    @property
    def layout(self) -> Layout:
        """One chunk is what lies on one worker."""
        if not self.shape or not self._blocks:
            return Layout()
        return Layout((max(1, len(self._blocks[0].rows)), *self.shape[1:]))

    @property
    def written(self) -> int:
        """All of the first axis."""
        return self.shape[0] if self.shape else 1

    def refresh(self) -> None:
        """Nothing of it changes."""

    def missing_sources(self) -> tuple[str, ...]:
        """Say which rows went away with their worker."""
        lost = [b.rows for b in self._blocks if b.future.status in _LOST]
        return tuple(
            f"rows {_span(rows)} were on a worker that is gone" for rows in lost
        )

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        blocks = len(self._wanted(selection))
        size = format_bytes(selection.size * self.dtype.itemsize)
        return f"cluster: {selection.full_shape} = {size} of {blocks} block(s)"

    def read(self, selection: Selection, out: Array) -> Array:
        """Let the workers select, and fetch what they give."""
        if not selection.size:
            return out
        wanted = self._wanted(selection)
        asked = [
            block.future.client.submit(_pick, block.future, axes, pure=False)
            for block, _, axes in wanted
        ]
        # numbers travel as arrays of one axis
        for future, (block, target, _) in zip(asked, wanted, strict=True):
            index: tuple[Any, ...] = (*target, ...)
            part = out[index]  # a view, also of an array without axes
            part[...] = self._result(future, block).reshape(part.shape)
        return out

    def _wanted(
        self, selection: Selection
    ) -> list[tuple[_Block, tuple[slice, ...], tuple[Positions, ...]]]:
        """Give blocks, where their values go to, and what is selected of each."""
        if not self.shape:
            return [(block, (), ()) for block in self._blocks]
        first, rest = selection.axes[0], selection.axes[1:]
        return [
            (block, (place,), (inside, *rest))
            for block in self._blocks
            for place, inside in overlap(first, block.rows)
        ]

    def _result(self, future: Any, block: _Block) -> Array:
        from distributed import CancelledError, KilledWorker

        try:
            found: Array = future.result()
        except (CancelledError, KilledWorker, TimeoutError, OSError) as error:
            raise EngineUnavailable(
                f"{self.path}: rows {_span(block.rows)} were in the memory of a worker "
                "that is gone. Make the object again, and keep what must outlive a "
                "worker in the tier 'disk'"
            ) from error
        return found


_LOST = ("cancelled", "lost", "error")


def _sent(client: Any, data: Array | Dataset, rows: range) -> Any:
    block = np.ascontiguousarray(
        data[rows.start : rows.stop] if data.ndim else data[()]
    )
    try:
        # by its content, two equal objects would be one, and go together
        return client.scatter(block, hash=False)
    except (TimeoutError, OSError) as error:
        raise EngineUnavailable(f"the cluster takes no data: {error}") from error


def _rows(data: Array | Dataset) -> list[range]:
    """Cut along the first axis, into blocks of some size."""
    if not data.ndim:
        return [range(1)]
    length = data.shape[0]
    per_row = max(1, int(data.nbytes) // max(1, length))
    step = max(1, _BLOCK // per_row)
    return [range(lo, min(lo + step, length)) for lo in range(0, length, step)]


def _pick(block: Array, axes: tuple[Positions, ...]) -> Array:
    """Select, on the worker; one axis after the other, as lists would meet."""
    for axis, positions in enumerate(axes):
        index: list[Any] = [slice(None)] * block.ndim
        index[axis] = positions
        if isinstance(positions, Steps):
            start, length, step = positions
            index[axis] = slice(start, start + length * step, step)
        block = block[tuple(index)]
    return np.asarray(block, order="C")


def _span(rows: range) -> str:
    return f"{rows.start} to {rows.stop - 1}"

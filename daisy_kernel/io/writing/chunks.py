"""Cut blocks into chunks, encode those on all processors, store them in order."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import h5py
import numpy as np
import numpy.typing as npt

from daisy_kernel.native import encode_chunk

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]
Origin = tuple[int, ...]
Key = TypeVar("Key")
Item = TypeVar("Item")
Result = TypeVar("Result")
# chunks in memory per worker: one that is encoded, one that waits to be stored
_AHEAD = 2


@dataclass(frozen=True)
class Codec:
    """How chunks are encoded: the filter, its level, and how many at a time."""

    name: str
    level: int
    threads: int


def can_encode(dataset: h5py.Dataset) -> bool:
    """Whether the bytes of a dataset's numpy arrays are those of the file."""
    dtype = dataset.dtype
    same_size = dataset.id.get_type().get_size() == dtype.itemsize
    return bool(same_size and dtype.itemsize and not dtype.hasobject)


def encoded(
    dataset: h5py.Dataset, blocks: Iterable[Array], codec: Codec
) -> Iterator[tuple[Origin, Bytes]]:
    """Give the chunks of a dataset in the order of the file, ready to be stored.

    What was given is used again for the next one.
    """
    used: deque[Bytes] = deque()
    whole, dtype = dataset.chunks, dataset.dtype
    fill = dataset.fillvalue

    def encode(part: Array) -> Bytes:
        chunk = np.ascontiguousarray(part, dtype)
        if chunk.shape != whole:
            # HDF5 stores chunks at the edges in full size
            chunk = np.full(whole, fill, dtype)
            chunk[tuple(map(slice, part.shape))] = part
        out = used.pop() if used else None
        return encode_chunk(chunk, codec.name, codec.level, out)

    for origin, done in in_order(encode, pieces(blocks, whole), codec.threads):
        yield origin, done
        used.append(done if done.base is None else done.base)


def in_order(
    work: Callable[[Item], Result], items: Iterable[tuple[Key, Item]], threads: int
) -> Iterator[tuple[Key, Result]]:
    """Work on a few items ahead, and give the results in their order."""
    waiting: deque[tuple[Key, Future[Result]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for key, item in items:
                waiting.append((key, pool.submit(work, item)))
                if len(waiting) >= _AHEAD * threads:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def pieces(
    blocks: Iterable[Array], chunk: tuple[int, ...]
) -> Iterator[tuple[Origin, Array]]:
    """Cut blocks into chunks, in C order; those at the edges are smaller."""
    for start, band in bands(blocks, chunk[0]):
        places = [
            range(0, size, step)
            for size, step in zip(band.shape[1:], chunk[1:], strict=True)
        ]
        for place in itertools.product(*places):
            cut = (slice(lo, lo + n) for lo, n in zip(place, chunk[1:], strict=True))
            yield (start, *place), band[(slice(None), *cut)]


def bands(blocks: Iterable[Array], rows: int) -> Iterator[tuple[int, Array]]:
    """Give bands of so many rows; the last may have less.

    Bands inside a block are not copied.
    """
    start, held, count = 0, list[Array](), 0
    for block in blocks:
        array = np.asarray(block)
        while len(array):
            taken, array = array[: rows - count], array[rows - count :]
            held.append(taken)
            count += len(taken)
            if count == rows:
                yield start, _joined(held)
                start, held, count = start + rows, [], 0
    if held:
        yield start, _joined(held)


def _joined(parts: list[Array]) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)

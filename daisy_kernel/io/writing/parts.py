"""Write a dask array as HDF5: a file per block, by the workers, joined in one.

The files lie in `<name>.parts` beside the target, which names them relative to itself,
so that both can be moved together. The target comes last: without it there is no
dataset.
"""

from __future__ import annotations

import itertools
import math
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.io.writing.content import Content, frame_chunks
from daisy_kernel.io.writing.nexus import write_nexus
from daisy_kernel.io.writing.publishing import publishing, refused
from daisy_kernel.io.writing.tree import Branch, Compression, Field
from daisy_kernel.io.writing.virtual import Part, Virtual
from daisy_kernel.model.errors import OptionalPackageMissing, ResultExists

# smaller blocks share a file
_SMALLEST_FILE = 64 << 20
_PLACE = "data"


@dataclass(frozen=True)
class _Job:
    """How the part of one block is written; pickles to the workers."""

    folder: Path
    compression: Compression | None
    chunks: tuple[int, ...] | None


def write_parts(
    path: Path,
    content: Content,
    compression: Compression | None,
    chunks: tuple[int, ...] | None,
) -> None:
    """Write the blocks on the workers of dask, then the file that joins them."""
    from daisy_kernel.io.writing.write import plot

    if path.exists():
        raise ResultExists(str(path))
    data = grouped(content.data, _SMALLEST_FILE)
    folder = path.with_name(f"{path.name}.parts")
    regions = list(block_regions(data.chunks))
    with publishing(folder) as temporary:
        with refused(folder):
            temporary.mkdir()
        names = compute(
            data, partial(_write_part, _Job(temporary, compression, chunks))
        )
    try:
        joined = tuple(
            Part(f"{folder.name}/{name}", _PLACE, region)
            for name, region in zip(names, regions, strict=True)
        )
        signal = Virtual(content.shape, content.dtype, joined, content.units)
        write_nexus(path, plot(content, signal))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def compute(data: Any, work: Any) -> list[Any]:
    """Call a function with number and content of each block, where dask computes.

    A task that is lost with its worker is done again by another one.
    """
    try:
        from dask.base import compute as run
        from dask.delayed import delayed
    except ImportError as error:
        raise OptionalPackageMissing("dask", "cluster") from error
    task = delayed(work, pure=False)
    blocks = data.to_delayed().ravel()
    tasks = [task(number, block) for number, block in enumerate(blocks)]
    return list(run(*tasks))  # type: ignore[no-untyped-call]


def grouped(data: Any, smallest: int) -> Any:
    """Join blocks along the first axis until they are worth a file."""
    rest = math.prod(max(sizes) for sizes in data.chunks[1:]) * data.dtype.itemsize
    groups: list[int] = []
    for rows in data.chunks[0]:
        if groups and groups[-1] * rest < smallest and rows * rest < smallest:
            groups[-1] += rows
        else:
            groups.append(rows)
    return data.rechunk({0: tuple(groups)})


def block_regions(
    chunks: tuple[tuple[int, ...], ...],
) -> Iterator[tuple[slice, ...]]:
    """Give the places of blocks, in C order."""
    edges = [list(itertools.accumulate(sizes, initial=0)) for sizes in chunks]
    pairs = [[slice(*pair) for pair in itertools.pairwise(e)] for e in edges]
    return itertools.product(*pairs)


def _write_part(job: _Job, number: int, block: npt.NDArray[Any]) -> str:
    name = f"part_{number:05d}.h5"
    array = np.asarray(block)
    chunks = job.chunks or frame_chunks(array.shape, array.dtype.itemsize)
    field = Field(array, compression=job.compression, chunks=chunks)
    # a part that is there is whole: its worker was lost before it could say so
    with suppress(ResultExists):
        # dask has a thread per processor already
        write_nexus(job.folder / name, Branch("", {_PLACE: field}), threads=1)
    return name

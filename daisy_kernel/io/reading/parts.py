"""Fetch, decode, place: hand the parts of a plan to the compiled core."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from daisy_kernel.io.reading.block_index import BlockIndex
from daisy_kernel.io.reading.limits import is_beyond_memory
from daisy_kernel.model import Selection
from daisy_kernel.model.errors import FileDamaged, FileMissing
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.selection import Positions
from daisy_kernel.model.stopping import current_stop
from daisy_kernel.model.text import format_bytes
from daisy_kernel.native import (
    ChunkTable,
    ReadFailure,
    read_parts_into,
    workers,
)


@dataclass(frozen=True)
class Part:
    """A selection of one table of chunks, and the array that it goes to.

    `where` names file and dataset for the messages, `strategy` says how they lie.
    """

    table: ChunkTable
    axes: Sequence[Positions]
    out: Array
    where: str
    strategy: str
    blocks: BlockIndex | None = None


class Stopped(Exception):
    """Somebody asked for it."""


def read_parts(parts: Sequence[Part], where: str) -> None:
    """Read all parts at once, on all CPUs, until `current_stop` is set.

    Raises
    ------
    FileDamaged, FileMissing
        File, dataset and first element of the chunk are named, and what to do.
    """
    try:
        given = [(part.table, part.axes, part.out) for part in parts]
        direct = is_beyond_memory(sum(part.out.nbytes for part in parts))
        read_parts_into(given, current_stop.get(), direct=direct)
    except ReadFailure as failure:
        raise in_words(failure, parts, where) from failure
    for part in parts:
        if part.blocks:
            part.blocks.keep()


def in_words(failure: ReadFailure, parts: Sequence[Part], where: str) -> Exception:
    """Give the error that says what the core could not read."""
    kind, number, path, origin, why = failure.args
    if kind == "stopped":
        return Stopped()
    inside = parts[number].where
    named = where if inside.startswith(path) or not inside else f"{where}: {inside}"
    if kind == "missing":
        return FileMissing(named, f"{path} is gone: {why}")
    if kind == "denied":
        return FileMissing(named, f"{path}: permission denied")
    advice = {
        "replaced": "Open the scan again.",
        "short": "Copy the file again, or ask whether it is still being written.",
        "corrupt": "Copy the file again, and compare with the original.",
    }.get(kind, "Look at the disk, or copy the file again.")
    chunk = f"chunk at {tuple(origin)}"
    if not where.startswith(path):
        chunk += f" of {inside or path}"
    return FileDamaged(where, f"{chunk} cannot be read: {why}. {advice}")


def unfilled(selection: Selection, dtype: np.dtype[Any]) -> Array:
    """Give the array that a read would fill, to be measured: it has no memory."""
    strides: list[int] = []
    distance = dtype.itemsize
    for size in reversed(selection.full_shape):
        strides.insert(0, distance)
        distance *= size
    return as_strided(np.empty(1, dtype), selection.full_shape, strides)


def explain_parts(parts: Sequence[Part], selection: Selection, strategy: str) -> str:
    """Say in one paragraph what the core would read and decode now, and why."""
    cost: Counter[str] = Counter()
    for part in parts:
        cost.update(part.table.cost(part.axes, part.out.strides))
    itemsize = parts[0].out.dtype.itemsize if parts else 0
    size = math.prod(selection.full_shape) * itemsize
    wanted = sum(part.out.nbytes for part in parts)
    is_light = not cost["whole"] and cost["blocks"] == cost["indexed"]
    light = wanted if is_light else None
    count = workers(cost["chunks"], cost["size"], cost["shared"] > 0, light)
    why = _why(cost, wanted)
    return (
        f"compiled core: {selection.shape} = {format_bytes(size)}; {strategy}; {why}; "
        f"{cost['stored']} chunk(s), {format_bytes(cost['read'])} read, "
        f"{format_bytes(cost['decoded'])} decoded, {count} worker(s)"
    )


def _why(cost: Counter[str], wanted: int) -> str:
    """Say why so much is read and decoded."""
    reasons = []
    if absent := cost["chunks"] - cost["stored"]:
        reasons.append(f"{absent} chunk(s) were never written: the fill value")
    if blocks := cost["blocks"]:
        reasons.append(f"block index: known for {cost['indexed']} of {blocks} chunk(s)")
        if cost["indexed"] == blocks:
            reasons[-1] += ", so only blocks are read"
        else:
            reasons[-1] += ", the others are read whole, only blocks of them decoded"
    if whole := cost["whole"]:
        part = (
            "for a part of each" if cost["decoded"] > wanted else "all of them wanted"
        )
        reasons.append(f"{whole} whole chunk(s) are decoded, {part}")
    if cost["stored"] > blocks + whole:
        reasons.append("stored as they are: only what is wanted is read")
        if cost["read"] > wanted and not blocks and not whole:
            reasons[-1] += ", and small gaps between"
        if is_beyond_memory(wanted):
            reasons[-1] += ", past the kernel's cache, which cannot keep so much"
    return ", ".join(reasons) or "nothing is stored"

"""Fetch, decode, place: hand the parts of a plan to the compiled core."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from daisy_kernel.io.reading.block_index import BlockIndex
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
        stop = current_stop.get()
        read_parts_into([(part.table, part.axes, part.out) for part in parts], stop)
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


def explain_parts(parts: Sequence[Part], selection: Selection, strategy: str) -> str:
    """Say in one paragraph how the core reads parts."""
    itemsize = parts[0].out.dtype.itemsize if parts else 0
    size = format_bytes(math.prod(selection.full_shape) * itemsize)
    costs = [part.table.cost(part.axes) for part in parts]
    chunks, here, read, decoded = (sum(column) for column in zip(*costs, strict=True))
    text = f"compiled core: {selection.shape} = {size}; {strategy}; "
    text += f"{here} of {chunks} chunk(s) stored, {format_bytes(read)} read, "
    text += f"{format_bytes(decoded)} decoded, {workers()} worker(s)"
    return text

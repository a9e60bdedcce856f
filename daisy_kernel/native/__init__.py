"""Python face of the compiled core (a leaf: it imports nothing of DAISY)."""

from daisy_kernel.native._core import version
from daisy_kernel.native._dark import subtract_dark
from daisy_kernel.native._encoding import encode_chunk
from daisy_kernel.native._fbp import angle_weights, fbp
from daisy_kernel.native._reading import (
    ChunkTable,
    ReadFailure,
    Stop,
    block_index,
    chunk_table,
    limit_workers,
    read_parts_into,
    set_block_index,
    workers,
)
from daisy_kernel.native._reduce import can_reduce, reduce_parts_into
from daisy_kernel.native._stripes import remove_stripes
from daisy_kernel.native._sums import sum_frames
from daisy_kernel.native._tile import Tile, tile

__all__ = [
    "ChunkTable",
    "ReadFailure",
    "Stop",
    "Tile",
    "angle_weights",
    "block_index",
    "can_reduce",
    "chunk_table",
    "encode_chunk",
    "fbp",
    "limit_workers",
    "read_parts_into",
    "reduce_parts_into",
    "remove_stripes",
    "set_block_index",
    "subtract_dark",
    "sum_frames",
    "tile",
    "version",
    "workers",
]

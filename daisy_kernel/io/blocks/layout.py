"""How an array lies in its files: plain arithmetic, and the metadata of Zarr."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.model.errors import FileDamaged, FileMissing

METADATA = "zarr.json"
_ENTRY = 16  # bytes of a piece in the index of a shard: offset and size
ABSENT = (1 << 64) - 1
_BYTES = {"name": "bytes", "configuration": {"endian": "little"}}


@dataclass(frozen=True)
class BlockLayout:
    """Shape, type, and how they are cut.

    Attributes
    ----------
    along
        Axis along which blocks lie one behind the other.
    block
        Positions of a block along that axis.
    piece
        Shape of the pieces that a block is stored in; along the axis it divides
        `block`.
    names
        Of the axes; empty strings for none.
    attributes
        Anything that JSON can hold.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    along: int
    block: int
    piece: tuple[int, ...]
    names: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of blocks."""
        return max(1, -(-self.shape[self.along] // self.block)) if self.shape else 1

    @property
    def shard(self) -> tuple[int, ...]:
        """Shape of a block, with pieces at the edges whole."""
        grid = zip(self._grid_of_all, self.piece, strict=True)
        whole = [count * size for count, size in grid]
        if whole:
            whole[self.along] = self.block
        return tuple(whole)

    @property
    def piece_bytes(self) -> int:
        """Bytes of a piece."""
        return math.prod(self.piece) * self.dtype.itemsize

    @property
    def slots(self) -> int:
        """Number of pieces in the index of a block, whether they are there or not."""
        return math.prod(s // p for s, p in zip(self.shard, self.piece, strict=True))

    @property
    def _grid_of_all(self) -> list[int]:
        pairs = zip(self.shape, self.piece, strict=True)
        return [-(-size // piece) for size, piece in pairs]

    @property
    def index_bytes(self) -> int:
        """Bytes of the index behind the pieces."""
        return self.slots * _ENTRY if self.shape else 0

    def length(self, number: int) -> int:
        """Positions of a block; the last one may be shorter."""
        if not self.shape:
            return 1
        return min(self.block, self.shape[self.along] - number * self.block)

    def block_shape(self, number: int) -> tuple[int, ...]:
        """Shape of what a block holds."""
        shape = list(self.shape)
        if shape:
            shape[self.along] = self.length(number)
        return tuple(shape)

    def grid(self, number: int) -> tuple[int, ...]:
        """Count the pieces of a block along each axis."""
        pairs = zip(self.block_shape(number), self.piece, strict=True)
        return tuple(-(-size // piece) for size, piece in pairs)

    def file_bytes(self, number: int) -> int:
        """Bytes of the file of a block that is whole."""
        return math.prod(self.grid(number)) * self.piece_bytes + self.index_bytes

    def name(self, number: int) -> str:
        """Name of a block's file, below the folder."""
        places = ["0"] * len(self.shape)
        if places:
            places[self.along] = str(number)
        return "/".join(["c", *places])

    def to_json(self) -> str:
        """Give the metadata as Zarr has it."""
        inner = {
            "chunk_shape": list(self.piece),
            "codecs": [_BYTES],
            "index_codecs": [_BYTES],
            "index_location": "end",
        }
        shards = [{"name": "sharding_indexed", "configuration": inner}]
        made = {
            "zarr_format": 3,
            "node_type": "array",
            "shape": list(self.shape),
            "data_type": self.dtype.name,
            "chunk_grid": {
                "name": "regular",
                "configuration": {"chunk_shape": list(self.shard)},
            },
            "chunk_key_encoding": {
                "name": "default",
                "configuration": {"separator": "/"},
            },
            "fill_value": _fill(self.dtype),
            "codecs": shards if self.shape else [_BYTES],
            "attributes": {**self.attributes, "blocks_along": self.along},
        }
        if any(self.names):
            made["dimension_names"] = [name or None for name in self.names]
        return json.dumps(made, indent=1, allow_nan=False)


def read_layout(folder: Path) -> BlockLayout:
    """Read the metadata of an array that was written in blocks.

    Raises
    ------
    FileMissing, FileDamaged
    """
    try:
        found = json.loads((folder / METADATA).read_bytes())
        shape = tuple(found["shape"])
        attributes = dict(found["attributes"])
        along = attributes.pop("blocks_along")
        shard = found["chunk_grid"]["configuration"]["chunk_shape"]
        inner = found["codecs"][0]["configuration"].get("chunk_shape", [])
        return BlockLayout(
            shape,
            np.dtype(found["data_type"]),
            along,
            shard[along] if shape else 1,
            tuple(inner),
            tuple(name or "" for name in found.get("dimension_names", ())),
            attributes,
        )
    except FileNotFoundError as error:
        raise FileMissing(str(folder), "there is no array in blocks") from error
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise FileDamaged(str(folder), f"{METADATA} is not ours: {error}") from error


def _fill(dtype: np.dtype[Any]) -> Any:
    return {"c": [0.0, 0.0], "b": False}.get(dtype.kind, 0)

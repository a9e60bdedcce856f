from collections.abc import Sequence
from typing import Any

def version() -> str: ...
def fbp_into(
    sinograms: Any,
    angles: list[float],
    weights: list[float],
    axis: float,
    filter: str,
    out: Any,
) -> None: ...
def remove_stripes_in(sinograms: Any, size: int) -> None: ...
def subtract_into(frames: Any, dark: Any, out: Any) -> None: ...
def sum_frames_into(frames: Any, total: Any) -> None: ...
def tile_frame(
    frame: Any,
    kind: str,
    level: int,
    preview: int | None,
    lo: float | None,
    hi: float | None,
    scale: str,
    mask: Any,
    fill: list[float],
    saturated_from: float | None,
) -> tuple[
    tuple[bytes, tuple[int, int]],
    tuple[bytes, tuple[int, int]] | None,
    tuple[float, float],
    tuple[float, float],
    tuple[int, int, int],
]: ...
def encode_chunk_into(
    codec: str, level: int, itemsize: int, chunk: Any, out: Any
) -> int: ...
def encoded_bound(codec: str, bytes: int) -> int: ...

class ReadFailure(Exception): ...

class Stop:
    def set(self) -> None: ...

class ChunkTable:
    def __init__(
        self,
        files: list[tuple[str, int, int, int]],
        shape: list[int],
        chunk: list[int],
        itemsize: int,
        padded: bool,
        filters: list[tuple[str, list[int]]],
        fill: list[int],
        cells: Any,
        file: Any,
        offset: Any,
        size: Any,
        mask: Any,
    ) -> None: ...
    def __len__(self) -> int: ...
    @property
    def indexed(self) -> int: ...
    def cost(
        self, axes: Sequence[tuple[int, int, int] | list[int]], strides: Sequence[int]
    ) -> dict[str, int]: ...
    def covers(self, other: ChunkTable) -> bool: ...
    def same_chunks(
        self, other: ChunkTable, axes: Sequence[tuple[int, int, int] | list[int]]
    ) -> bool: ...
    def rows(self) -> bytes: ...
    def build_index(self) -> int: ...
    def blocks(self) -> tuple[bytes, bytes, bytes]: ...
    def set_blocks(self, counts: Any, bytes: Any, starts: Any) -> bool: ...

def read_parts(
    parts: list[tuple[ChunkTable, list[Any], int, list[int], list[int]]],
    stop: Stop | None = None,
    direct: bool = False,
) -> tuple[int, int]: ...
def reduce_parts(
    parts: list[tuple[ChunkTable, list[Any], int, list[int]]],
    shape: list[int],
    kind: str,
    swap: bool,
    arrays: tuple[int, ...],
    count: int,
    held: int,
    stop: Stop | None = None,
    direct: bool = False,
) -> tuple[int, int, bool]: ...
def limit_workers(most: int) -> None: ...
def workers(
    chunks: int | None = None,
    stored: int = 0,
    has_blocks: bool = False,
    light: int | None = None,
) -> int: ...

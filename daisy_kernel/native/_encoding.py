"""Encoders: whole chunks, as the filters of HDF5 store them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.native._core import encode_chunk_into, encoded_bound

__all__ = ["encode_chunk"]

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]


def encode_chunk(
    chunk: Array, codec: str, level: int = 1, out: Bytes | None = None
) -> Bytes:
    """Encode a chunk without the GIL.

    Parameters
    ----------
    chunk
        C-contiguous, of any type without Python objects.
    codec
        "gzip" (after HDF5's shuffle), "bitshuffle-lz4", "bitshuffle-zstd" or "zstd".
    level
        Of zstd.
    out
        Buffer to use if it is large enough: memory that was used before is faster.

    Returns
    -------
    :
        The stored bytes; a part of *out* or of a new buffer.
    """
    if not chunk.flags.c_contiguous:
        raise ValueError("the chunk is not contiguous")
    plain = chunk.reshape(-1).view(np.uint8)
    most = encoded_bound(codec, plain.size)
    if out is None or out.size < most:
        out = np.empty(most, np.uint8)
    size = encode_chunk_into(codec, level, chunk.dtype.itemsize, plain, out)
    return out[:size]

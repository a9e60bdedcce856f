"""A grey 8-bit PNG, with the standard library alone."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

_FAST = 1  # zlib level: a slider waits for the picture


def encode(codes: npt.NDArray[np.uint8]) -> bytes:
    """Encode an 8-bit picture.

    Parameters
    ----------
    codes
        Shape (row, column), 0 black to 255 white.
    """
    rows, columns = codes.shape
    lines = np.zeros((rows, columns + 1), np.uint8)  # each line starts with filter 0
    lines[:, 1:] = codes
    head = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            _chunk(b"IHDR", head),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), _FAST)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + crc

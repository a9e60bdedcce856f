"""Answers of the tile route, as the page unpacks them."""

import json
import struct
import zlib

import numpy as np


def tile_and_rest(body):
    """Unpack the first tile of an answer: what is told of it, codes, what follows."""
    (length,) = struct.unpack_from("<I", body)
    told = json.loads(body[4 : 4 + length])
    start = -(-(4 + length) // 8) * 8
    end = start + told["bytes"]
    steps = np.frombuffer(zlib.decompress(body[start:end]), np.uint8)
    codes = np.cumsum(steps.reshape(told["shape"]), axis=0, dtype=np.uint8)
    return told, codes, body[end:]

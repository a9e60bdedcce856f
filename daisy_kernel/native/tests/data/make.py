"""Write the files of this folder: what other programs encode, to decode in tests.

Run by hand with h5py, hdf5plugin, imagecodecs and numpy at hand: ``python make.py``.
``counts.raw`` holds 5003 Poisson counts as little-endian uint16. Every other file is
made from it, or from its first numbers in another type, and ``codecs.rs`` says how.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import h5py
import hdf5plugin
import imagecodecs
import numpy as np

HERE = Path(__file__).parent
COUNTS = np.random.default_rng(7).poisson(4, 5003).astype("<u2")
COLUMNS = 100
FRAME = COUNTS[:2000].reshape(-1, COLUMNS)
ROOTS = np.sqrt(FRAME).astype("<f4")


def stored(data: np.ndarray[Any, Any], **filters: Any) -> bytes:
    """Return the bytes of the only chunk, as HDF5 stores it."""
    with h5py.File(BytesIO(), "w") as file:
        dataset = file.create_dataset("x", data=data, chunks=data.shape, **filters)
        chunk: bytes = dataset.id.read_direct_chunk((0,) * data.ndim)[1]
        return chunk


def bitshuffle(
    data: np.ndarray[Any, Any], codec: Literal["none", "lz4", "zstd"]
) -> bytes:
    """Return a chunk of bitshuffle's filter."""
    return stored(data, **hdf5plugin.Bitshuffle(cname=codec))


def files() -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes."""
    wide = COUNTS[:1051].astype("<u4")
    yield "counts.raw", COUNTS.tobytes()
    yield "counts.gzip", stored(COUNTS, compression="gzip", shuffle=True)
    yield "counts.lzf", stored(COUNTS, compression="lzf", shuffle=True)
    yield "counts.fletcher32", stored(COUNTS[:601], fletcher32=True)
    yield "counts.lz4", stored(COUNTS, **hdf5plugin.LZ4(nbytes=4000))
    yield "counts.zstd", stored(COUNTS, **hdf5plugin.Zstd())
    yield "counts.bslz4", bitshuffle(COUNTS, "lz4")
    yield "counts.bszstd", bitshuffle(COUNTS, "zstd")
    yield "counts.bits", bitshuffle(COUNTS[:1051], "none")
    yield "wide.bslz4", bitshuffle(wide, "lz4")
    yield "bytes.bslz4", bitshuffle(COUNTS[:1051].astype("u1"), "lz4")
    yield "frame.lzw", bytes(imagecodecs.lzw_encode(FRAME.tobytes()))
    yield "frame.packbits", bytes(imagecodecs.packbits_encode(FRAME.tobytes()))
    yield "frame.delta", imagecodecs.delta_encode(FRAME, axis=-1).tobytes()
    yield "roots.raw", ROOTS.tobytes()
    yield "roots.floatpred", imagecodecs.floatpred_encode(ROOTS, axis=-1).tobytes()


def main() -> None:
    """Write them all."""
    for name, data in files():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()

"""Streams of the encoders against those of zlib."""

import zlib

import numpy as np
import pytest

from daisy_kernel.native import encode_chunk

SHAPE = (512, 1024)


def beam() -> np.ndarray:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.exp(-((x - 500) ** 2 + (y - 280) ** 2) / 3e5)


def images() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        "flat": rng.poisson(1000, SHAPE).astype("<u2"),
        "beam": rng.poisson(4000 * beam() + 200).astype("<u2"),
        "faint": rng.poisson(2 * beam()).astype("<u2"),
        "sparse": rng.poisson(0.02 * beam()).astype("<u2"),
        "big endian": rng.poisson(4000 * beam() + 200).astype(">u2"),
        "float32": (rng.poisson(3000 * beam()) / 4000).astype("<f4"),
        "one byte": rng.poisson(100 * beam()).astype("u1"),
        "steps": np.arange(SHAPE[0] * SHAPE[1], dtype="<u4").reshape(SHAPE) // 7,
    }


@pytest.mark.parametrize("name", images())
def test_gzip_is_no_larger_than_that_of_zlib_4(name):
    image = images()[name]
    planes = image.reshape(-1).view("u1").reshape(-1, image.itemsize).T.tobytes()

    stream = encode_chunk(image, "gzip").tobytes()

    assert zlib.decompress(stream) == planes
    assert len(stream) <= 1.01 * len(zlib.compress(planes, 4))


def test_a_strided_chunk_and_an_unknown_codec_are_refused():
    with pytest.raises(ValueError, match="contiguous"):
        encode_chunk(np.zeros((4, 4))[:, ::2], "gzip")
    with pytest.raises(ValueError, match="no codec"):
        encode_chunk(np.zeros(4), "rle")

"""The ways to read: ahead, asynchronously, by dask, transposed, into used memory."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
import zlib
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.model.ahead import ahead


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    return np.random.default_rng(0).poisson(90, (20, 300, 256)).astype("<u2")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, frames: np.ndarray) -> Path:
    path = tmp_path_factory.mktemp("faces") / "scan.h5"
    with h5py.File(path, "w") as file:
        packed = hdf5plugin.Bitshuffle(cname="lz4")
        file.create_dataset("d", data=frames, chunks=(1, 300, 256), **packed)
    return path


def test_blocks_are_read_one_ahead_and_in_order(path: Path, frames: np.ndarray) -> None:
    with daisy.open(path) as scan:
        blocks = list(scan["d"].blocks(memory=10 * frames[0].nbytes))

    assert [block.shape[0] for _, block in blocks] == [5, 5, 5, 5]
    for selection, block in blocks:
        assert np.array_equal(block, frames[selection])


def test_the_next_value_is_read_while_one_is_worked_on() -> None:
    started = [threading.Event() for _ in range(4)]

    def read(key: int) -> int:
        started[key].set()
        return key * key

    for key, value in ahead(range(4), read):
        assert value == key * key
        if key < 3:
            assert started[key + 1].wait(5), "the next one is not under way"
        if key < 2:
            assert not started[key + 2].is_set(), "only one is read ahead"


def test_who_leaves_early_waits_for_nothing(path: Path) -> None:
    with daisy.open(path) as scan:
        for _, _block in scan["d"].blocks(memory=1):
            break

    assert not [t for t in threading.enumerate() if t.name.startswith("daisy-ahead")]


def test_an_error_comes_from_the_block_that_has_it() -> None:
    def read(key: int) -> int:
        if key == 2:
            raise errors.FileDamaged("scan.h5", "chunk 2")
        return key

    values = ahead(range(5), read)

    assert [next(values), next(values)] == [(0, 0), (1, 1)]
    with pytest.raises(errors.FileDamaged):
        next(values)


async def test_reading_does_not_hold_up_an_event_loop(
    path: Path, frames: np.ndarray
) -> None:
    with daisy.open(path) as scan:
        out = np.zeros(frames.shape, frames.dtype)
        whole, row = await asyncio.gather(
            scan["d"].read_async(out=out), scan["d"].read_async(np.s_[:, 7])
        )

    assert whole is out
    assert np.array_equal(whole, frames)
    assert np.array_equal(row, frames[:, 7])


async def test_a_cancelled_read_writes_nothing_afterwards(tmp_path: Path) -> None:
    frame = np.random.default_rng(0).poisson(900, (512, 512)).astype("<u2")
    packed = zlib.compress(frame.tobytes(), 1)
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        shape, chunk = (400, 512, 512), (1, 512, 512)
        data = file.create_dataset("d", shape, "<u2", chunks=chunk, compression="gzip")
        for i in range(len(data)):  # a fifth of a second to decode
            data.id.write_direct_chunk((i, 0, 0), packed)
    out = np.zeros(shape, "<u2")
    with daisy.open(tmp_path / "scan.h5") as scan:
        for pause in (0.0, 0.005, 0.02):
            task = asyncio.create_task(scan["d"].read_async(out=out))
            await asyncio.sleep(pause)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            out[...] = 0
            time.sleep(0.05)
            assert not out.any()
        # and the dataset can be read as before
        assert np.array_equal(await scan["d"].read_async(5), frame)


def test_dask_reads_what_is_there_and_pickles_as_a_path(
    path: Path, frames: np.ndarray
) -> None:
    with daisy.open(path) as scan:
        lazy = scan["d"].to_dask()
        picture = pickle.dumps(lazy)

    assert len(picture) < 10_000, "numbers travel in the pickle"
    again = pickle.loads(picture)
    assert np.array_equal(again[3:7, 5].compute(), frames[3:7, 5])


@pytest.mark.parametrize("axes", [(1, 0, 2), (2, 0, 1), (0, 1, 2), (2, 1, 0)])
def test_transposed_into_an_array_is_numpys_transpose(
    path: Path, frames: np.ndarray, axes: tuple[int, ...]
) -> None:
    expected = frames.transpose(axes)
    out = np.zeros(expected.shape, frames.dtype)

    with daisy.open(path) as scan:
        daisy.io.transpose(scan["d"], out, axes)

    assert np.array_equal(out, expected)


def test_transposed_into_a_file_goes_block_by_block(
    path: Path, frames: np.ndarray, tmp_path: Path
) -> None:
    with daisy.open(path) as scan, h5py.File(tmp_path / "out.h5", "w") as file:
        out = file.create_dataset("d", (300, 20, 256), "<u2", chunks=(10, 20, 256))
        daisy.io.transpose(scan["d"], out, memory=8 * frames[0].nbytes)
        assert np.array_equal(out[...], frames.transpose(1, 0, 2))


def test_transposing_refuses_what_does_not_fit(path: Path) -> None:
    with daisy.open(path) as scan:
        with pytest.raises(errors.ShapeMismatch, match=r"\(300, 20, 256\)"):
            daisy.io.transpose(scan["d"], np.zeros((20, 300, 256), "<u2"))
        with pytest.raises(errors.ParameterRefused, match="needed once"):
            daisy.io.transpose(scan["d"], np.zeros((1,)), (0, 0, 2))


def test_frames_that_are_kept_stay_as_they_were(path: Path, frames: np.ndarray) -> None:
    with daisy.open(path) as scan:
        kept = [scan["d"][i : i + 10] for i in range(0, 20, 2)]

    for i, block in zip(range(0, 20, 2), kept, strict=True):
        assert np.array_equal(block, frames[i : i + 10])

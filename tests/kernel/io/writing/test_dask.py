"""Dask arrays: the workers write, on threads and in processes that can be lost."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import dask.array as da
import h5py
import numpy as np
import pytest
import zarr

import daisy_kernel as daisy
from daisy_kernel.io.writing.parts import grouped
from daisy_kernel.model.errors import ResultExists

RNG = np.random.default_rng(5)
STACK = RNG.poisson(100, (12, 20, 30)).astype(np.uint16)
CHUNKS = [(4, 20, 30), (5, 20, 30), (3, 7, 30), (12, 20, 11), (1, 20, 30)]


def stored(path: Path) -> np.ndarray:
    if path.suffix == ".zarr":
        return zarr.open_group(path, mode="r")["data"][...]
    with h5py.File(path) as file:
        return file["entry/data/data"][...]


@pytest.fixture(autouse=True)
def small_files(monkeypatch):
    monkeypatch.setattr("daisy_kernel.io.writing.parts._SMALLEST_FILE", 1)


@pytest.mark.parametrize("suffix", [".h5", ".zarr"])
@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("compression", ["default", "gzip"])
def test_threads_write_any_blocks(tmp_path, suffix, chunks, compression):
    array = da.from_array(STACK, chunks=chunks)

    path = daisy.write(
        tmp_path / f"a{suffix}", array, units="counts", compression=compression,
        axes={"angle": np.arange(12.0), "y": None, "x": None},
    )  # fmt: skip

    np.testing.assert_array_equal(stored(path), STACK)
    with daisy.open(path) as scan:
        np.testing.assert_array_equal(scan.signal.read(), STACK)
        assert scan.signal.units == "counts"
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_the_joined_file_can_be_moved_with_its_parts(tmp_path):
    (tmp_path / "old").mkdir()
    daisy.write(tmp_path / "old" / "a.h5", da.from_array(STACK, chunks=(4, 20, 30)))

    (tmp_path / "old").rename(tmp_path / "new")

    assert len(list((tmp_path / "new" / "a.h5.parts").iterdir())) == 3
    np.testing.assert_array_equal(stored(tmp_path / "new" / "a.h5"), STACK)


@pytest.mark.parametrize("shape", [(), (0, 3)])
@pytest.mark.parametrize("suffix", [".h5", ".zarr"])
def test_arrays_without_blocks(tmp_path, shape, suffix):
    path = daisy.write(tmp_path / f"a{suffix}", da.ones(shape))

    with daisy.open(path) as scan:
        place = "data" if suffix == ".zarr" else "entry/data/data"
        assert scan[place].shape == shape


def test_small_blocks_share_a_file():
    array = da.ones((100, 10, 10), chunks=(1, 10, 10))

    assert grouped(array, 10 * 800).numblocks == (10, 1, 1)
    assert grouped(array, 1).numblocks == (100, 1, 1)


def test_a_block_that_fails_leaves_nothing(tmp_path):
    def fail(block, block_info=None):
        if block_info[0]["chunk-location"][0] == 2:
            raise RuntimeError("no such slice")
        return block

    array = da.from_array(STACK, chunks=(4, 20, 30)).map_blocks(fail, dtype="u2")

    for name in ("a.h5", "a.zarr"):
        with pytest.raises(RuntimeError, match="no such slice"):
            daisy.write(tmp_path / name, array)
    assert not list(tmp_path.iterdir())


def test_parts_that_are_there_are_not_replaced(tmp_path):
    (tmp_path / "a.h5.parts").mkdir()

    with pytest.raises(ResultExists, match="parts"):
        daisy.write(tmp_path / "a.h5", da.from_array(STACK))


KILLED = """
import os, sys, time
import dask.array as da, numpy as np, daisy_kernel as daisy

def slow(block):
    os.write(1, b"block\\n")  # at once: several threads write blocks
    time.sleep(0.2)
    return block

array = da.ones((64, 20, 30), chunks=(1, 20, 30), dtype="u2").map_blocks(slow)
daisy.io.writing.parts._SMALLEST_FILE = 1
daisy.write(sys.argv[1], array)
"""


@pytest.mark.parametrize("name", ["a.h5", "a.zarr"])
def test_a_killed_run_leaves_nothing_that_looks_whole(tmp_path, name):
    program = f"import daisy_kernel.io.writing.parts\n{KILLED}"
    run = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / name)], stdout=subprocess.PIPE
    )
    assert run.stdout is not None
    for _ in range(8):
        assert run.stdout.readline() == b"block\n"

    run.kill()
    run.wait()

    left = list(tmp_path.iterdir())
    assert left
    assert all(path.name.startswith(".a.") for path in left)


@pytest.mark.service
@pytest.mark.parametrize("suffix", [".h5", ".zarr"])
def test_a_lost_worker_costs_its_blocks_only(tmp_path, suffix):
    from distributed import Client, LocalCluster

    made = tmp_path / "made"
    made.mkdir()

    def count(block, block_info=None):
        number = block_info[0]["chunk-location"][0]
        runs = len(list(made.glob(f"{number}-*")))
        (made / f"{number}-{runs}").touch()
        if number == 5 and not runs:
            os.kill(os.getpid(), signal.SIGKILL)
        return block + 1

    array = da.from_array(STACK, chunks=(1, 20, 30)).map_blocks(count, dtype="u2")
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster),
    ):
        path = daisy.write(tmp_path / f"a{suffix}", array, compression="gzip")

    np.testing.assert_array_equal(stored(path), STACK + 1)
    assert 1 <= len(list(made.glob("*-1"))) < 12

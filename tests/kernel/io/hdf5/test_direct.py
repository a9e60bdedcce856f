"""Reads past the kernel's cache of file pages give the same bytes and errors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel.io.reading import parts, reductions
from daisy_kernel.model.errors import FileDamaged

SIZE = (5, 1021, 1031)


@pytest.fixture(autouse=True)
def beyond_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every read be one that the kernel cannot keep."""
    for module in (parts, reductions):
        monkeypatch.setattr(module, "is_beyond_memory", lambda _: True)


@pytest.fixture
def data() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 60000, SIZE).astype("<u2")


def write(path: Path, data: np.ndarray, chunks: Any, before: int = 0) -> None:
    """Write unfiltered data behind so many other bytes."""
    with h5py.File(path, "w") as file:
        file.create_dataset("before", data=np.zeros(before, "u1"))
        file.create_dataset("data", data=data, chunks=chunks)


def forget(path: Path) -> None:
    """Have the kernel drop what it keeps of a file."""
    descriptor = os.open(path, os.O_RDWR)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


@pytest.mark.parametrize("before", [0, 1, 2048, 4096, 4097])
@pytest.mark.parametrize("chunks", [None, (1, *SIZE[1:]), (5, 512, 1031)])
@pytest.mark.parametrize("begin", [0, 1, 16])
def test_cold_and_warm_files_are_what_h5py_reads(
    tmp_path: Path, data: np.ndarray, chunks: Any, before: int, begin: int
) -> None:
    path = tmp_path / "scan.h5"
    write(path, data, chunks, before)
    memory = np.zeros(data.nbytes + begin, "u1")
    out = memory[begin:].view("<u2").reshape(SIZE)

    with daisy.open(path) as scan:
        assert "past the kernel's cache" in scan["data"].explain()
        for is_cold in (True, False, True):
            if is_cold:
                forget(path)
            out[...] = 0
            scan["data"].read(out=out)
            assert np.array_equal(out, data)
        forget(path)
        assert np.array_equal(scan["data"][1:, 3:], data[1:, 3:])
        forget(path)
        found = scan["data"].reduce(["sum", "max"], axis=0)
        assert np.array_equal(found["sum"], data.sum(0, dtype="u8"))
        assert np.array_equal(found["max"], data.max(0))


def cached(path: Path) -> float:
    """Give the part of a file's pages that the kernel holds."""
    descriptor = os.open(path, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_RANDOM)  # nothing is read ahead
    found = []
    for offset in range(0, path.stat().st_size, 1 << 18):
        try:
            got = os.preadv(descriptor, [bytearray(1)], offset, os.RWF_NOWAIT)
        except BlockingIOError:
            got = 0
        found.append(got)
    os.close(descriptor)
    return sum(found) / len(found)


def test_a_cold_file_stays_cold_if_it_is_beyond_memory_only(
    tmp_path: Path, data: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scan.h5"
    write(path, np.concatenate([data] * 4), None)
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_DIRECT))
    except OSError:
        pytest.skip("the file system of temporary files knows no direct reads")
    with daisy.open(path) as scan:
        scan["data"].explain()
        forget(path)
        scan["data"].read()
        assert cached(path) < 0.5

        monkeypatch.setattr(parts, "is_beyond_memory", lambda _: False)
        forget(path)
        scan["data"].read()
        assert cached(path) > 0.9


def test_bytes_of_the_other_order_are_turned(tmp_path: Path, data: np.ndarray) -> None:
    path = tmp_path / "scan.h5"
    write(path, data.astype(">u2"), (1, *SIZE[1:]))
    forget(path)

    with daisy.open(path) as scan:
        assert np.array_equal(scan["data"][()], data)


@pytest.mark.parametrize("dtype", ["<u2", "<i8", "<f4", "<f8"])
def test_numbers_of_the_machines_order_are_those_of_numpy(
    tmp_path: Path, dtype: str
) -> None:
    path = tmp_path / "scan.h5"
    write(path, np.arange(24).reshape(2, 3, 4).astype(dtype), (1, 3, 4))

    with daisy.open(path) as scan:
        values = scan["data"].read()

    # "<f": with a sign of the order, compiled code refuses it
    assert memoryview(values).format == memoryview(np.zeros(1, dtype)).format


@pytest.mark.parametrize("cut", [1, 5000, 3_000_000])
def test_a_file_that_was_cut_short_is_damaged(
    tmp_path: Path, data: np.ndarray, cut: int
) -> None:
    path = tmp_path / "scan.h5"
    write(path, data, None)
    with daisy.open(path) as scan:
        assert np.array_equal(scan["data"][()], data)
        os.truncate(path, path.stat().st_size - cut)
        forget(path)
        with pytest.raises(FileDamaged, match="the file ends too early"):
            scan["data"].read()


def test_a_file_system_that_cannot_is_read_all_the_same(data: np.ndarray) -> None:
    path = Path(f"/dev/shm/daisy-{os.getpid()}.h5")
    try:
        write(path, data, None)
        with daisy.open(path) as scan:
            assert np.array_equal(scan["data"][()], data)
    finally:
        path.unlink(missing_ok=True)

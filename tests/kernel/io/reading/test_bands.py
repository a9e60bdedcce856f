"""Rows read one after the other are decoded once, and are never out of date."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel.io.hdf5 import array
from daisy_kernel.io.reading.bands import cache
from daisy_kernel.model.errors import FileMissing, ParameterRefused

SHAPE = (6, 512, 600)


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).poisson(200, SHAPE).astype("<u2")


@pytest.fixture
def path(tmp_path: Path, noise: np.ndarray) -> Path:
    return write(tmp_path / "scan.h5", noise)


def write(path: Path, data: np.ndarray, **options: Any) -> Path:
    options = options or {"compression": "gzip", "shuffle": True}
    chunks = options.pop("chunks", (1, *data.shape[1:]))
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=data, chunks=chunks, **options)
    a_while_ago = path.stat().st_mtime - 60  # what has just changed is looked at twice
    os.utime(path, (a_while_ago, a_while_ago))
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Shapes of what is decoded, read by read."""
    seen: list[tuple[int, ...]] = []
    read_parts = array.read_parts

    def counted(parts: Any, where: str) -> None:
        seen.extend(part.out.shape for part in parts)
        read_parts(parts, where)

    monkeypatch.setattr(array, "read_parts", counted)
    return seen


@pytest.fixture(autouse=True)
def no_bands() -> Iterator[None]:
    yield
    cache.make_room(1, 0)
    assert cache.nbytes == 0


def test_neighbouring_rows_are_decoded_once_after_the_first(
    path: Path, noise: np.ndarray, reads: list[tuple[int, ...]]
) -> None:
    with daisy.open(path) as scan:
        for row in range(100, 140):
            assert np.array_equal(scan["data"][:, row], noise[:, row])
        assert np.array_equal(scan["data"][:, 200:203], noise[:, 200:203])

    assert reads == [(6, 1, 600), (6, 32, 600), (6, 128, 600)]


def test_backwards_is_as_good(
    path: Path, noise: np.ndarray, reads: list[tuple[int, ...]]
) -> None:
    with daisy.open(path) as scan:
        for row in range(300, 0, -3):
            assert np.array_equal(
                scan["data"][::-1, row, 5:500:2], noise[::-1, row, 5:500:2]
            )

    assert reads == [(6, n, 248) for n in (1, 32, 128, 136)]


def test_walks_at_two_places_do_not_disturb_each_other(
    path: Path, noise: np.ndarray, reads: list[tuple[int, ...]]
) -> None:
    with daisy.open(path) as scan:
        for row in range(150):
            for place in (row, 499 - row):
                assert np.array_equal(scan["data"][:, place], noise[:, place])

    assert sorted(reads) == sorted((6, n, 600) for n in (1, 32, 128) for _ in "ab")


def test_bands_end_where_chunks_do(
    tmp_path: Path, noise: np.ndarray, reads: list[tuple[int, ...]]
) -> None:
    with daisy.open(write(tmp_path / "a.h5", noise, chunks=(1, 200, 600),
                          compression="lzf")) as scan:  # fmt: skip
        for row in range(190, 420, 2):
            assert np.array_equal(
                scan["data"][:, row : row + 2], noise[:, row : row + 2]
            )

    assert reads == [(6, n, 600) for n in (2, 8, 32, 128, 40, 112)]


def test_slabs_are_walked_through_along_their_frames(
    tmp_path: Path, reads: list[tuple[int, ...]]
) -> None:
    data = np.random.default_rng(0).poisson(200, (60, 100, 200)).astype("<u2")
    with daisy.open(write(tmp_path / "a.h5", data, chunks=(30, 100, 200),
                          compression="gzip")) as scan:  # fmt: skip
        for number in range(60):
            assert np.array_equal(scan["data"][number], data[number])

    assert reads == [(1, 100, 200), (29, 100, 200), (30, 100, 200)]


def test_what_is_no_walk_is_read_as_always(
    path: Path, noise: np.ndarray, reads: list[tuple[int, ...]]
) -> None:
    with daisy.open(path) as scan:
        for row in (10, 30, 50, 42):
            assert np.array_equal(scan["data"][:, row], noise[:, row])
        _ = scan["data"][:4, 43], scan["data"][3], scan["data"][4], scan["data"][()]
    assert reads[:3] == [(6, 1, 600)] * 3
    assert reads[3:5] == [(6, 32, 600), (4, 1, 600)]
    assert len(reads) == 8


@pytest.mark.parametrize("name", ["bitshuffle", "none"])
def test_what_can_be_read_in_part_needs_no_band(
    tmp_path: Path, noise: np.ndarray, name: str, reads: list[tuple[int, ...]]
) -> None:
    options: dict[str, Any] = {"chunks": None}
    if name == "bitshuffle":
        options = dict(hdf5plugin.Bitshuffle())
    with daisy.open(write(tmp_path / "a.h5", noise, **options)) as scan:
        for row in range(10):
            _ = scan["data"][:, row]

    assert reads == [(6, 1, 600)] * 10


def virtual(folder: Path, data: np.ndarray, chunks: tuple[int, ...]) -> Path:
    layout = h5py.VirtualLayout(data.shape, data.dtype)
    for i in range(0, len(data), 2):
        part = write(folder / f"{i}.h5", data[i : i + 2], chunks=chunks,
                     compression="gzip")  # fmt: skip
        layout[i : i + 2] = h5py.VirtualSource(part.name, "data", (2, *data.shape[1:]))
    with h5py.File(folder / "all.h5", "w") as file:
        file.create_virtual_dataset("data", layout)
    a_while_ago = (folder / "0.h5").stat().st_mtime
    os.utime(folder / "all.h5", (a_while_ago, a_while_ago))
    return folder / "all.h5"


def test_rows_of_a_virtual_dataset_are_decoded_once_until_a_source_changes(
    tmp_path: Path, noise: np.ndarray, reads: list[tuple[int, ...]]
) -> None:
    path = virtual(tmp_path, noise, (1, 200, 600))
    with daisy.open(path) as scan:
        for row in range(190, 220):
            assert np.array_equal(scan["data"][:, row], noise[:, row])
        # three sources are one read
        assert reads == [(2, n, 600) for n in (1, 9, 36) for _ in range(3)]

        other = write(tmp_path / "new.h5", noise[2:4, ::-1]).read_bytes()
        (tmp_path / "2.h5").write_bytes(other)
        assert np.array_equal(scan["data"][2:4, 220], noise[2:4, -221])
        assert np.array_equal(scan["data"][:2, 220], noise[:2, 220])


def test_the_budget_is_kept_by_all_together(
    path: Path, noise: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = noise[:, 0].nbytes
    monkeypatch.setenv("DAISY_CACHE", str(10 * row))
    with daisy.open(path) as first, daisy.open(path) as second:
        for number in range(40):
            for scan in (first, second):
                assert np.array_equal(scan["data"][:, number], noise[:, number])
                assert cache.nbytes <= 10 * row
        assert cache.nbytes > 0


def test_zero_turns_bands_off(
    path: Path, monkeypatch: pytest.MonkeyPatch, reads: list[tuple[int, ...]]
) -> None:
    monkeypatch.setenv("DAISY_CACHE", "0")
    with daisy.open(path) as scan:
        for row in range(4):
            _ = scan["data"][:, row]

    assert reads == [(6, 1, 600)] * 4


def test_a_budget_that_is_no_size_is_refused_by_name(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAISY_CACHE", "plenty")
    with daisy.open(path) as scan, pytest.raises(ParameterRefused, match="DAISY_CACHE"):
        _ = scan["data"][:, 3]


@pytest.mark.parametrize("refresh", [True, False])
def test_a_file_that_has_changed_is_not_answered_from_before(
    tmp_path: Path, noise: np.ndarray, refresh: bool
) -> None:
    path = write(tmp_path / "a.h5", noise, shuffle=True)
    with h5py.File(path) as file:
        chunks = [file["data"].id.get_chunk_info(i) for i in range(6)]
    content = path.read_bytes()
    packed = [content[c.byte_offset : c.byte_offset + c.size] for c in chunks]

    with daisy.open(path) as scan:
        for row in range(4):
            assert np.array_equal(scan["data"][:, row], noise[:, row])
        status = path.stat()
        with path.open("r+b") as raw:
            for chunk, other in zip(chunks, reversed(packed), strict=True):
                raw.seek(chunk.byte_offset)
                raw.write(other)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))

        if refresh:
            scan["data"].refresh()
        for row in range(4, 8):
            assert np.array_equal(scan["data"][:, row], noise[::-1, row])


def test_a_file_that_is_gone_is_missing(path: Path) -> None:
    with daisy.open(path) as scan:
        for row in range(4):
            _ = scan["data"][:, row]
        path.unlink()

        with pytest.raises(FileMissing):
            _ = scan["data"][:, 4]


def test_threads_share_a_band(
    path: Path, noise: np.ndarray, reads: list[tuple[int, ...]]
) -> None:
    right: list[bool] = []
    with daisy.open(path) as scan:
        dataset = scan["data"]

        def walk(first: int) -> None:
            for row in range(first, 500, 4):
                got = dataset[:, row]
                right.append(bool(np.array_equal(got, noise[:, row])))

        threads = [threading.Thread(target=walk, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert all(right)
    assert len(right) == 500
    assert len(reads) < 16


def test_bands_go_with_their_scan(path: Path) -> None:
    with daisy.open(path) as scan:
        _ = scan["data"][:, 0], scan["data"][:, 1]
        assert cache.nbytes > 0

    assert cache.nbytes == 0

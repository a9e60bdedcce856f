"""Members of a stack are read at once, by the core where it knows them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indices import indices

import daisy_kernel as daisy
from daisy_kernel.io import stack
from daisy_kernel.model.errors import FileDamaged, FileMissing

FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "gzip": {"compression": "gzip", "shuffle": True},
    "bitshuffle": dict(hdf5plugin.Bitshuffle(cname="lz4")),
    "blosc": dict(hdf5plugin.Blosc()),  # not known to the core
}
ALL = ("sum", "min", "max", "mean", "var")


def write(path: Path, data: np.ndarray, filters: str = "gzip", rows: int = 1) -> Path:
    """Write a member: chunks of some rows, or contiguous."""
    chunks = None if filters == "none" else (rows, *data.shape[1:])
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=data, chunks=chunks, **FILTERS[filters])
    a_while_ago = path.stat().st_mtime - 60
    os.utime(path, (a_while_ago, a_while_ago))
    return path


def rewrite(path: Path, data: np.ndarray) -> None:
    """Change a file in its place, as another process would."""
    path.write_bytes(write(path.with_suffix(".new"), data).read_bytes())


@pytest.fixture
def frames() -> np.ndarray:
    return np.random.default_rng(0).poisson(200, (12, 64, 600)).astype("<u2")


@pytest.fixture
def parts(tmp_path: Path, frames: np.ndarray) -> list[Path]:
    cut = np.split(frames, [5, 6, 10])
    return [write(tmp_path / f"{i}.h5", part) for i, part in enumerate(cut)]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many parts the core was given, read by read."""
    seen: list[int] = []
    read_parts = stack.read_parts

    def counted(parts: Any, where: str) -> None:
        seen.append(len(parts))
        read_parts(parts, where)

    monkeypatch.setattr(stack, "read_parts", counted)
    return seen


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_every_selection_of_every_stack_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, lengths: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("stack")
    frames = np.random.default_rng(0).poisson(60, (sum(lengths), 9, 13)).astype("u2")
    images = data.draw(st.booleans())
    lengths = [1] * len(frames) if images else lengths
    paths = []
    for number, part in enumerate(np.split(frames, np.cumsum(lengths)[:-1])):
        kinds = [*FILTERS, "tiff"] if images else [*FILTERS]
        kind = data.draw(st.sampled_from(kinds))
        paths.append(folder / f"{number}.{'tif' if kind == 'tiff' else 'h5'}")
        content = part[0] if images else part
        if kind == "tiff":
            tifffile.imwrite(paths[-1], content, compression="zlib")
        else:
            write(paths[-1], content, kind, data.draw(st.integers(1, len(content))))

    with daisy.open(paths) as scan:
        for _ in range(4):
            index = data.draw(indices(frames.shape))
            assert np.array_equal(scan.signal[index], frames[index]), index
        some = data.draw(indices(frames.shape, empty=False))
        axes = st.lists(st.integers(0, max(0, frames[some].ndim - 1)), unique=True)
        axis = tuple(data.draw(axes)) if frames[some].ndim else ()
        found = scan.signal.reduce(ALL, axis, some)
        assert np.array_equal(found["sum"], frames[some].sum(axis, dtype="u8"))
        assert np.array_equal(found["max"], frames[some].max(axis))
        assert np.allclose(found["var"], frames[some].astype("f8").var(axis))


def test_all_members_are_one_read(
    parts: list[Path], frames: np.ndarray, reads: list[int]
) -> None:
    with daisy.open(parts) as scan:
        assert np.array_equal(scan.signal[()], frames)
        assert np.array_equal(scan.signal[::4, 3], frames[::4, 3])
        assert np.array_equal(scan.signal[[11, 5]], frames[[11, 5]])
        assert "4 datasets as one; compiled core: (12, 64, 600)" in (
            scan.signal.explain()
        )

    assert reads == [4, 2, 2]


def test_members_that_were_looked_at_are_not_opened_again(
    parts: list[Path], frames: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    with daisy.open(parts) as scan:
        _ = scan.signal[()]
        scan.close()

        def refused(number: int) -> Any:
            raise AssertionError(f"member {number} is opened")

        monkeypatch.setattr(scan.signal._source._open, "borrow", refused)
        assert np.array_equal(scan.signal[:, 7], frames[:, 7])


def test_members_in_between_are_not_opened(
    parts: list[Path], frames: np.ndarray
) -> None:
    with daisy.open(parts) as scan:
        parts[1].unlink()
        parts[2].unlink()
        assert np.array_equal(scan.signal[[0, 11]], frames[[0, 11]])
        assert np.array_equal(scan.signal[::11], frames[::11])
        assert np.array_equal(scan.signal.reduce("sum", 0, [11, 0])["sum"],
                              frames[[0, 11]].sum(0, dtype="u8"))  # fmt: skip


def test_neighbouring_rows_of_packed_members_are_decoded_once(
    tmp_path: Path, reads: list[int]
) -> None:
    frames = np.random.default_rng(0).poisson(200, (6, 300, 600)).astype("<u2")
    paths = [
        write(tmp_path / f"{i}.h5", frames[i : i + 3], rows=1) for i in range(0, 6, 3)
    ]
    with daisy.open(paths) as scan:
        for row in range(100, 130):
            assert np.array_equal(scan.signal[:, row], frames[:, row])

        assert reads == [2, 2]
        rewrite(paths[1], frames[3:] + 1)
        assert np.array_equal(scan.signal[3:, 130], frames[3:, 130] + 1)
        assert np.array_equal(scan.signal[:3, 130], frames[:3, 130])


def test_no_band_is_kept_of_a_file_that_has_just_changed(
    tmp_path: Path, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = np.random.default_rng(0).poisson(200, (3, 300, 600)).astype("<u2")
    path = write(tmp_path / "0.h5", frames)
    for tick, expected in ((0.02, 2), (3600, 10)):
        monkeypatch.setattr("daisy_kernel.io.reading.stamps._TICK_SECONDS", tick)
        reads.clear()
        with daisy.open([path]) as scan:
            for row in range(20, 30):
                assert np.array_equal(scan.signal[:, row], frames[:, row])
        assert len(reads) == expected


def test_a_member_that_changes_is_looked_at_again(
    parts: list[Path], frames: np.ndarray
) -> None:
    with daisy.open(parts) as scan:
        assert np.array_equal(scan.signal[()], frames)
        rewrite(parts[2], frames[6:10, ::-1])

        changed = scan.signal[()]
        assert np.array_equal(changed[6:10], frames[6:10, ::-1])
        assert np.array_equal(changed[:6], frames[:6])
        found = scan.signal.reduce("sum", axis=0)
        assert np.array_equal(found["sum"], changed.sum(0, dtype="u8"))


def test_a_member_that_is_gone_or_damaged_is_named(
    parts: list[Path], frames: np.ndarray
) -> None:
    with daisy.open(parts) as scan:
        _ = scan.signal[()]
        with h5py.File(parts[1], locking=False) as file:
            chunk = file["data"].id.get_chunk_info(0)
        with parts[1].open("r+b") as file:
            file.seek(chunk.byte_offset + chunk.size // 2)
            file.write(b"\xff" * 40)
        os.utime(parts[1], (time.time() - 30,) * 2)

        with pytest.raises(FileDamaged, match=r"1\.h5: data: chunk at \(0, 0, 0\)"):
            _ = scan.signal[()]
        with pytest.raises(FileDamaged, match=r"1\.h5"):
            scan.signal.reduce("sum", axis=0)
        assert np.array_equal(scan.signal[6:], frames[6:])

        parts[3].unlink()
        with pytest.raises(FileMissing, match=r"3\.h5"):
            _ = scan.signal[10:]


def test_what_the_core_does_not_know_is_read_beside_the_rest(
    parts: list[Path], frames: np.ndarray, reads: list[int]
) -> None:
    write(parts[1], frames[5:6], "blosc")
    with daisy.open(parts) as scan:
        assert np.array_equal(scan.signal[()], frames)
        assert "one by one" in scan.signal.explain()

    assert reads == [3]


def test_rows_of_packed_tiff_files_are_decoded_once(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).poisson(200, (6, 300, 600)).astype("<u2")
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate(frames):
        path = folder / f"{number}.tif"
        tifffile.imwrite(path, frame, compression="zlib", rowsperstrip=300)
        os.utime(path, (time.time() - 60,) * 2)
    with daisy.open(folder) as scan:
        seen = _counted(scan.signal._source)
        for row in range(40, 60):
            assert np.array_equal(scan.signal[:, row], frames[:, row])
        assert len(seen) == 2

        tifffile.imwrite(folder / "3.tif", frames[3] + 1, rowsperstrip=300)
        with pytest.raises(FileDamaged, match="Open the scan again"):
            _ = scan.signal[:, 60]


def _counted(source: Any) -> list[Any]:
    """Note what a TIFF array really reads."""
    seen: list[Any] = []
    read: Callable[..., None] = source._read_all

    def counted(selection: Any, out: Any) -> None:
        seen.append(selection)
        read(selection, out)

    source._read_all = counted
    return seen

"""Blocks: what was written comes back, by us and by zarr; what is cut is not there."""

import errno
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.io.blocks import BlockFolder, BlockLayout, open_blocks

TYPES = ["u1", "i2", "<u4", "f4", "f8", "c8", "?", "u8"]


@st.composite
def layouts(draw: Any) -> BlockLayout:
    ndim = draw(st.integers(1, 4))
    shape = tuple(draw(st.integers(1, 9)) for _ in range(ndim))
    along = draw(st.integers(0, ndim - 1))
    piece = [draw(st.integers(1, size)) for size in shape]
    block = piece[along] * draw(st.integers(1, 3))
    dtype = np.dtype(draw(st.sampled_from(TYPES)))
    return BlockLayout(shape, dtype, along, block, tuple(piece))


def numbers(layout: BlockLayout) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.integers(0, 100, layout.shape).astype(layout.dtype)


def write_all(folder: BlockFolder, array: np.ndarray) -> None:
    layout = folder.layout
    for number in reversed(range(layout.count)):
        start = number * layout.block
        place = [slice(None)] * array.ndim
        place[layout.along] = slice(start, start + layout.block)
        folder.write(number, array[tuple(place)])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(layout=layouts())
def test_blocks_come_back_by_us_and_by_zarr(
    layout: BlockLayout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    array = numbers(layout)
    path = tmp_path_factory.mktemp("blocks") / "array"
    folder = BlockFolder.create(path, layout)

    write_all(folder, array)

    assert folder.is_whole
    assert np.array_equal(open_blocks(path).read(), array)
    assert np.array_equal(zarr.open_array(path, mode="r")[...], array)


def test_one_number_is_a_block(tmp_path: Path) -> None:
    folder = BlockFolder.create(
        tmp_path / "axis", BlockLayout((), np.dtype("f8"), 0, 1, ())
    )

    folder.write(0, np.array(295.5))

    assert open_blocks(folder.path).read() == 295.5
    assert zarr.open_array(folder.path, mode="r")[()] == 295.5


LAYOUT = BlockLayout((10, 4, 6), np.dtype("f4"), 0, 3, (1, 4, 6), ("z", "y", "x"))


def test_any_part_is_read_and_reduced(tmp_path: Path) -> None:
    array = numbers(LAYOUT)
    folder = BlockFolder.create(tmp_path / "a", LAYOUT)
    write_all(folder, array)
    dataset = pickle.loads(pickle.dumps(open_blocks(folder.path)))

    assert np.array_equal(dataset[2:9:3, 1, ::-1], array[2:9:3, 1, ::-1])
    assert np.array_equal(dataset[[7, 1], 2:], array[[7, 1], 2:])
    assert np.array_equal(dataset.reduce("sum")["sum"], array.sum(0, dtype="f8"))
    assert dataset.axes == ("z", "y", "x")
    assert "blocks" in dataset.explain()


def test_the_folder_is_a_scan_like_any_other(tmp_path: Path) -> None:
    folder = BlockFolder.create(tmp_path / "a.zarr", LAYOUT)
    write_all(folder, numbers(LAYOUT))

    with daisy.open(folder.path) as scan:
        assert scan.signal is not None
        assert np.array_equal(scan.signal.read(), numbers(LAYOUT))


def test_a_block_of_another_size_is_not_finished(tmp_path: Path) -> None:
    folder = BlockFolder.create(tmp_path / "a", LAYOUT)
    write_all(folder, numbers(LAYOUT))
    file = folder.path / LAYOUT.name(1)

    os.truncate(file, file.stat().st_size - 1)

    assert list(folder.finished()) == [0, 2, 3]
    assert not folder.is_whole


def test_a_missing_block_is_named_when_it_is_read(tmp_path: Path) -> None:
    folder = BlockFolder.create(tmp_path / "a", LAYOUT)
    folder.write(0, numbers(LAYOUT)[:3])

    with pytest.raises(errors.FileMissing, match="block 1"):
        open_blocks(folder.path).read()


def test_blocks_of_the_same_layout_are_kept_and_others_go(tmp_path: Path) -> None:
    folder = BlockFolder.create(tmp_path / "a", LAYOUT)
    folder.write(2, numbers(LAYOUT)[6:9])

    again = BlockFolder.create(tmp_path / "a", LAYOUT)
    assert list(again.finished()) == [2]

    other = BlockLayout((10, 4, 6), np.dtype("f4"), 0, 5, (1, 4, 6))
    assert list(BlockFolder.create(tmp_path / "a", other).finished()) == []


def test_a_full_disk_leaves_no_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = BlockFolder.create(tmp_path / "a", LAYOUT)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr("daisy_kernel.io.blocks.folder._write_all", full)

    with pytest.raises(errors.WriteFailed, match=r"block 0.*make room"):
        folder.write(0, numbers(LAYOUT)[:3])
    assert [p for p in folder.path.rglob("*") if p.is_file()] == [
        folder.path / "zarr.json"
    ]


def test_a_block_of_another_shape_is_refused(tmp_path: Path) -> None:
    folder = BlockFolder.create(tmp_path / "a", LAYOUT)

    with pytest.raises(errors.ShapeMismatch, match=r"block 3.*\(3, 4, 6\).*\(1, 4, 6"):
        folder.write(3, numbers(LAYOUT)[:3])

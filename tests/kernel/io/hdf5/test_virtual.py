"""Virtual datasets: planned as one read from their sources, never silently filled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.io.hdf5.mapping import Mapping, are_disjoint, mapping
from daisy_kernel.model.selection import Steps


@pytest.fixture
def frames() -> np.ndarray:
    return np.random.default_rng(0).poisson(99, (12, 10, 14)).astype("<u2")


def part(folder: Path, name: str, data: Any) -> h5py.VirtualSource:
    with h5py.File(folder / name, "w") as file:
        packed = hdf5plugin.Bitshuffle(cname="lz4")
        file.create_dataset("d", data=data, chunks=(1, *data.shape[1:]), **packed)
    return h5py.VirtualSource(name, "d", data.shape)


def joined(folder: Path, layout: h5py.VirtualLayout, fill: int = 0) -> Path:
    with h5py.File(folder / "scan.h5", "w") as file:
        file.create_virtual_dataset("data", layout, fillvalue=fill)
    return folder / "scan.h5"


SELECTIONS = (
    np.s_[...], np.s_[5], np.s_[:, 3], np.s_[1::3, ::-1, 4:9:2], np.s_[[7, 2, 3]],
    np.s_[11, 2, 3], np.s_[2:2], np.s_[:, [0, 9]],
)  # fmt: skip


def check(path: Path, expected: np.ndarray) -> None:
    with daisy.open(path) as scan:
        assert "compiled core" in scan["data"].explain()
        for index in SELECTIONS:
            assert np.array_equal(scan["data"][index], expected[index]), index


def test_files_one_behind_the_other_are_one_read(
    tmp_path: Path, frames: np.ndarray
) -> None:
    layout = h5py.VirtualLayout(frames.shape, frames.dtype)
    for i in range(0, 12, 5):
        layout[i : i + 5] = part(tmp_path, f"{i}.h5", frames[i : i + 5])

    check(joined(tmp_path, layout), frames)


def test_frames_dealt_out_to_several_writers_are_in_order(
    tmp_path: Path, frames: np.ndarray
) -> None:
    layout = h5py.VirtualLayout(frames.shape, frames.dtype)
    for i in range(4):
        layout[i::4] = part(tmp_path, f"{i}.h5", frames[i::4])

    check(joined(tmp_path, layout), frames)


def test_detector_modules_side_by_side_are_one_frame(
    tmp_path: Path, frames: np.ndarray
) -> None:
    layout = h5py.VirtualLayout((12, 11, 14), frames.dtype)
    layout[:, :5] = part(tmp_path, "upper.h5", frames[:, :5])
    layout[:, 6:] = part(tmp_path, "lower.h5", frames[:, 5:])
    expected = np.insert(frames, 5, 77, axis=1)  # the gap between them

    check(joined(tmp_path, layout, fill=77), expected)


def test_a_part_of_a_source_and_fewer_axes_are_mapped(
    tmp_path: Path, frames: np.ndarray
) -> None:
    source = part(tmp_path, "all.h5", np.pad(frames, ((3, 1), (2, 2), (1, 0))))
    layout = h5py.VirtualLayout(frames.shape, frames.dtype)
    for i in range(12):
        layout[i] = source[i + 3, 2:-2, 1:]

    check(joined(tmp_path, layout), frames)


def test_a_source_that_was_rewritten_is_read_anew(
    tmp_path: Path, frames: np.ndarray
) -> None:
    layout = h5py.VirtualLayout(frames.shape, frames.dtype)
    for i in (0, 6):
        layout[i : i + 6] = part(tmp_path, f"{i}.h5", frames[i : i + 6])
    path = joined(tmp_path, layout)
    with daisy.open(path) as scan:
        assert np.array_equal(scan["data"][()], frames)

        part(tmp_path, "new.h5", frames[::2] // 3)  # other sizes, so chunks move
        (tmp_path / "6.h5").write_bytes((tmp_path / "new.h5").read_bytes())

        assert np.array_equal(scan["data"][6:], frames[::2] // 3)
        found = scan["data"].reduce("sum", axis=0)["sum"]
        whole = np.concatenate([frames[:6], frames[::2] // 3])
        assert np.array_equal(found, whole.sum(0, dtype="u8"))


def test_a_virtual_source_of_a_virtual_source_is_followed(
    tmp_path: Path, frames: np.ndarray
) -> None:
    inner = h5py.VirtualLayout(frames.shape, frames.dtype)
    inner[::2] = part(tmp_path, "even.h5", frames[::2])
    inner[1::2] = part(tmp_path, "odd.h5", frames[1::2])
    joined(tmp_path, inner).rename(tmp_path / "inner.h5")
    outer = h5py.VirtualLayout(frames.shape, frames.dtype)
    outer[...] = h5py.VirtualSource("inner.h5", "data", frames.shape)

    check(joined(tmp_path, outer), frames)


def test_a_thousand_source_files_are_not_kept_open(tmp_path: Path) -> None:
    import os

    layout = h5py.VirtualLayout((1100, 3), "u1")
    for i in range(1100):
        layout[i] = h5py.VirtualSource(f"{i}.h5", "d", (3,))
        with h5py.File(tmp_path / f"{i}.h5", "w") as file:
            file["d"] = np.full(3, i % 251, "u1")

    with daisy.open(joined(tmp_path, layout)) as scan:
        data = scan["data"][()]
        assert len(os.listdir("/proc/self/fd")) < 200

    assert np.array_equal(data[:, 1], np.arange(1100) % 251)


def test_only_what_is_missing_is_refused(tmp_path: Path, frames: np.ndarray) -> None:
    layout = h5py.VirtualLayout(frames.shape, frames.dtype)
    for i in range(4):
        layout[i::4] = part(tmp_path, f"{i}.h5", frames[i::4])
    path = joined(tmp_path, layout)
    (tmp_path / "2.h5").unlink()

    with daisy.open(path) as scan:
        data = scan["data"]
        assert np.array_equal(data[0], frames[0])
        assert np.array_equal(data[1::4], frames[1::4])
        with pytest.raises(errors.SourceMissing, match=r"2\.h5"):
            data[()]
        with pytest.raises(errors.SourceMissing):
            data[[0, 6]]


def test_what_is_missing_can_be_masked(tmp_path: Path, frames: np.ndarray) -> None:
    layout = h5py.VirtualLayout(frames.shape, frames.dtype)
    layout[:7] = part(tmp_path, "a.h5", frames[:7])
    layout[7:] = part(tmp_path, "b.h5", frames[7:])
    path = joined(tmp_path, layout, fill=9)
    (tmp_path / "b.h5").unlink()

    with daisy.open(path) as scan:
        got = scan["data"].read_masked(np.s_[3:, 2])
        whole = scan["data"].read_masked(np.s_[:7])

    assert np.array_equal(got.mask.all(axis=1), np.arange(3, 12) >= 7)
    assert np.array_equal(got[:4].data, frames[3:7, 2])
    assert not np.ma.is_masked(whole)


def test_a_source_that_is_still_short_is_masked_where_it_ends(
    tmp_path: Path, frames: np.ndarray
) -> None:
    part(tmp_path, "a.h5", frames[:7])
    layout = h5py.VirtualLayout(frames.shape, frames.dtype)
    layout[...] = h5py.VirtualSource("a.h5", "d", frames.shape)

    with daisy.open(joined(tmp_path, layout)) as scan:
        assert np.array_equal(scan["data"][:7], frames[:7])
        with pytest.raises(errors.SourceMissing, match="it has shape"):
            scan["data"][6:8]
        assert scan["data"].read_masked(np.s_[5:9]).mask[:, 0, 0].tolist() == [
            False, False, True, True
        ]  # fmt: skip


def test_sources_that_overlap_are_left_to_hdf5(
    tmp_path: Path, frames: np.ndarray
) -> None:
    layout = h5py.VirtualLayout(frames.shape, frames.dtype)
    layout[:8] = part(tmp_path, "a.h5", frames[:8])
    layout[4:] = part(tmp_path, "b.h5", frames[4:])
    path = joined(tmp_path, layout)

    with h5py.File(path, "r", locking=False) as file:
        expected = file["data"][()]
    with daisy.open(path) as scan:
        assert "overlap" in scan["data"].explain()
        assert np.array_equal(scan["data"][()], expected)


@given(
    st.integers(0, 9), st.integers(1, 12), st.integers(1, 5),
    st.integers(0, 9), st.integers(1, 12), st.integers(1, 5),
)  # fmt: skip
@settings(max_examples=400)
def test_common_positions_of_a_selection_and_a_span(
    start: int, count: int, step: int, low: int, length: int, every: int
) -> None:
    span = range(low, low + length * every, every)
    source = range(100, 100 + length)
    selected = range(start, start + count * step, step)
    found = Mapping((span,), ((0, source),))
    expected = [(i, source[span.index(p)]) for i, p in enumerate(selected) if p in span]
    for axis in (Steps(start, count, step), list(selected)):
        got = []
        for (inside,), view in found.wanted([axis], np.arange(count)):
            positions = (
                range(inside.start, inside.start + inside.length * inside.step,
                      inside.step)
                if isinstance(inside, Steps) else inside
            )  # fmt: skip
            got += zip(view.tolist(), positions, strict=True)
        assert sorted(got) == expected


def test_axes_that_do_not_pair_are_not_mapped() -> None:
    frame, rows = (range(4), range(1), range(6)), (range(4), range(6))

    assert mapping(frame, rows) is not None
    assert mapping((range(4), range(6)), (range(6), range(4))) is None


def test_spans_are_disjoint_if_one_axis_keeps_them_apart() -> None:
    assert are_disjoint([(range(0, 8, 2), range(5)), (range(1, 8, 2), range(5))])
    assert are_disjoint([(range(4), range(5)), (range(4), range(5, 9))])
    assert not are_disjoint([(range(4), range(5)), (range(3, 6), range(4, 9))])
    quarters = [
        (a, b) for a in (range(2), range(2, 4)) for b in (range(3), range(3, 6))
    ]
    assert are_disjoint(quarters)

"""What the core reads is what h5py reads, bit for bit, whatever the file is like."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indices import indices

import daisy_kernel as daisy

# what a reader leaves of this was not read
POISON = 0xA5

DTYPES = (
    "u1", "i1", "<u2", ">u2", "<i2", "<u4", ">i4", "<i8", ">u8", "<f2", "<f4", ">f4",
    "<f8", ">f8", "<c8", "?",
)  # fmt: skip

FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "shuffle": {"shuffle": True},
    "gzip": {"compression": "gzip"},
    "gzip, shuffle": {"compression": "gzip", "compression_opts": 1, "shuffle": True},
    "gzip, shuffle, sum": {"compression": "gzip", "shuffle": True, "fletcher32": True},
    "sum": {"fletcher32": True},
    "lzf": {"compression": "lzf"},
    "lzf, shuffle": {"compression": "lzf", "shuffle": True},
    "bslz4": hdf5plugin.Bitshuffle(cname="lz4"),
    "bszstd": hdf5plugin.Bitshuffle(cname="zstd"),
    "bslz4, blocks": hdf5plugin.Bitshuffle(nelems=64, cname="lz4"),
    "bslz4, sum": {**hdf5plugin.Bitshuffle(cname="lz4"), "fletcher32": True},
    "bitshuffle": hdf5plugin.Bitshuffle(cname="none"),
    "zstd": hdf5plugin.Zstd(),
    "zstd, shuffle": {**hdf5plugin.Zstd(), "shuffle": True},
    "lz4": hdf5plugin.LZ4(),
    "lz4, blocks": hdf5plugin.LZ4(nbytes=256),
    "blosc": hdf5plugin.Blosc(),
    "blosc2": hdf5plugin.Blosc2(),
    "scale-offset": {"scaleoffset": 0},
}


@st.composite
def layouts(draw: st.DrawFn) -> dict[str, Any]:
    """Draw shape, chunks, type and filters of a dataset."""
    shape = tuple(draw(st.lists(st.integers(0, 40), min_size=1, max_size=5)))
    while np.prod(shape) > 60_000:
        shape = tuple(max(1, n // 2) for n in shape)
    name = draw(st.sampled_from(tuple(FILTERS)))
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    if name == "scale-offset" and dtype.kind not in "iu":
        dtype = np.dtype("<u2")
    made: dict[str, Any] = {"shape": shape, "dtype": dtype, "filter": name}
    if name == "none" and draw(st.booleans()):
        return made  # contiguous
    extra = 3 if draw(st.booleans()) else 0
    made["chunks"] = tuple(draw(st.integers(1, max(1, n))) for n in shape)
    made["maxshape"] = tuple(max(1, n + extra) for n in shape)
    if draw(st.booleans()) and dtype.kind in "iuf":
        made["fillvalue"] = dtype.type(draw(st.integers(0, 100)))
    return made


def content(layout: dict[str, Any], seed: int) -> np.ndarray:
    """Give noise like that of a detector: the high bytes are nearly the same."""
    rng = np.random.default_rng(seed)
    values = rng.poisson(60, layout["shape"])
    if layout["dtype"].kind == "?":
        return values > 60
    return np.asarray(values, layout["dtype"])


def write(path: Path, layout: dict[str, Any], data: np.ndarray, written: int) -> None:
    """Write a dataset, or only its first positions, so that chunks are missing."""
    options = {k: v for k, v in layout.items() if k not in ("filter",)}
    options |= FILTERS[layout["filter"]] if "chunks" in layout else {}
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("data", **options)
        if written:
            dataset[:written] = data[:written]


def poisoned(expected: np.ndarray, strided: bool) -> np.ndarray:
    """Give an array that is full of what nobody wrote, perhaps with gaps."""
    shape = tuple(2 * n for n in expected.shape) if strided else expected.shape
    whole = np.empty(shape, expected.dtype)
    whole.view(np.uint8).fill(POISON) if whole.ndim else None
    return whole[tuple(slice(0, None, 2) for _ in shape)] if strided else whole


@pytest.mark.slow
@settings(
    max_examples=500, deadline=None, suppress_health_check=list(HealthCheck)
)  # about 4000 selections
@given(st.data(), layouts(), st.integers(0, 9))
def test_every_selection_of_every_layout_is_what_h5py_gives(
    tmp_path: Path, data: st.DataObject, layout: dict[str, Any], seed: int
) -> None:
    path = tmp_path / "scan.h5"
    values = content(layout, seed)
    length = layout["shape"][0]
    written = data.draw(st.sampled_from([length, length, length // 2, 0]))
    write(path, layout, values, written)

    with h5py.File(path, "r", locking=False) as file, daisy.open(path) as scan:
        reference, dataset = file["data"][()], scan["data"]
        assert dataset.shape == reference.shape
        assert dataset.dtype == reference.dtype
        for _ in range(8):
            index = data.draw(indices(layout["shape"]))
            expected = reference[index]
            assert same(dataset[index], expected), index
            if np.ndim(expected):
                out = poisoned(expected, data.draw(st.booleans()))
                dataset.read(index, out=out)
                assert same(out, expected), index


def same(got: Any, expected: Any) -> bool:
    got, expected = np.asarray(got), np.asarray(expected)
    return (
        got.shape == expected.shape
        and got.dtype == expected.dtype
        and got.tobytes() == expected.tobytes()
    )


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).poisson(200, (6, 40, 2068)).astype("<u2")


@pytest.mark.parametrize("width", [77, 1031, 2048, 2068])
@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_rows_that_straddle_blocks_are_right_with_and_without_index(
    tmp_path: Path, noise: np.ndarray, width: int, codec: str
) -> None:
    data = np.ascontiguousarray(noise[:, :, :width])
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        packed = hdf5plugin.Bitshuffle(cname=codec)
        file.create_dataset("data", data=data, chunks=(1, *data.shape[1:]), **packed)

    with daisy.open(tmp_path / "scan.h5") as scan:
        for _ in range(2):  # the second time the places of the blocks are known
            for row in range(data.shape[1]):
                assert np.array_equal(scan["data"][:, row], data[:, row])
            assert np.array_equal(scan["data"][2, 5:9, 3:50:3], data[2, 5:9, 3:50:3])
            assert np.array_equal(scan["data"][:, -1, -3:], data[:, -1, -3:])


def test_a_single_large_frame_is_shared_out_over_the_workers(
    tmp_path: Path,
) -> None:
    frame = np.random.default_rng(0).poisson(300, (1200, 1100)).astype("<u2")
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        packed = hdf5plugin.Bitshuffle(cname="zstd")
        file.create_dataset("data", data=frame, chunks=frame.shape, **packed)

    with daisy.open(tmp_path / "scan.h5") as scan:
        assert np.array_equal(scan["data"][()], frame)
        assert np.array_equal(scan["data"][3:900:2], frame[3:900:2])


@pytest.mark.parametrize("mask", [0, 1, 2, 3])
def test_filters_that_a_chunk_was_spared_are_not_undone(
    tmp_path: Path, mask: int
) -> None:
    import zlib

    data = np.arange(64, dtype="<u2").reshape(8, 8)
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        dataset = file.create_dataset(
            "data", (8, 8), "<u2", chunks=(8, 8), compression="gzip", shuffle=True
        )
        raw = data.tobytes()
        if not mask & 1:
            planes = np.frombuffer(raw, np.uint8).reshape(-1, 2)
            raw = planes.T.tobytes()
        if not mask & 2:
            raw = zlib.compress(raw)
        dataset.id.write_direct_chunk((0, 0), raw, mask)

    with daisy.open(tmp_path / "scan.h5") as scan:
        assert np.array_equal(scan["data"][()], data)


def test_noise_that_lzf_does_not_shrink_is_right(tmp_path: Path) -> None:
    data = np.random.default_rng(0).integers(0, 1 << 16, (64, 64), np.uint16)
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_dataset(
            "data", data=data, chunks=(16, 64), compression="lzf", shuffle=True
        )

    with daisy.open(tmp_path / "scan.h5") as scan:
        assert np.array_equal(scan["data"][:, 5], data[:, 5])


def test_checksum_in_front_of_the_other_filters_is_taken_off(tmp_path: Path) -> None:
    data = np.arange(300, dtype="<u4").reshape(30, 10)
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((7, 10))
        properties.set_fletcher32()
        properties.set_shuffle()
        properties.set_deflate(4)
        space = h5py.h5s.create_simple(data.shape)
        h5py.h5d.create(file.id, b"data", h5py.h5t.NATIVE_UINT32, space, properties)
        file["data"][...] = data

    with daisy.open(tmp_path / "scan.h5") as scan:
        assert "compiled core" in scan["data"].explain()
        assert np.array_equal(scan["data"][()], data)


@pytest.mark.parametrize(
    "dtype",
    [
        np.dtype([("x", "<f4"), ("n", "<i2")]),
        np.dtype([("a", "u1"), ("b", "<f8", (2,))], align=True),
        np.dtype("S5"),
        h5py.enum_dtype({"OFF": 0, "ON": 1}, basetype="i2"),
        np.dtype("<c16"),
    ],
    ids=["compound", "padded", "text", "enum", "complex"],
)
def test_other_types_are_those_of_h5py(tmp_path: Path, dtype: np.dtype[Any]) -> None:
    rng = np.random.default_rng(0)
    data = rng.integers(0, 2, 40 * dtype.itemsize, np.uint8).view(dtype).reshape(8, 5)
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_dataset("data", data=data, chunks=(3, 2), compression="gzip")
        expected = file["data"][()]

    with daisy.open(tmp_path / "scan.h5") as scan:
        assert scan["data"].dtype == expected.dtype
        assert np.array_equal(scan["data"][()], expected)
        assert np.array_equal(scan["data"][2:7, 1], expected[2:7, 1])


def places(path: Path, **options: Any) -> np.ndarray:
    data = np.arange(4 * 30 * 20, dtype="<u2").reshape(4, 30, 20)
    with h5py.File(path, "w", **options) as file:
        file.create_dataset("chunked", data=data, chunks=(1, 30, 20))
        file.create_dataset("contiguous", data=data)
    return data


@pytest.mark.parametrize(
    "options",
    [
        {"userblock_size": 512},
        {"libver": "latest"},
        {"libver": "earliest"},
        {"fs_strategy": "page", "fs_page_size": 4096},
    ],
    ids=str,
)
def test_file_space_of_every_kind_is_found(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    data = places(tmp_path / "scan.h5", **options)

    with daisy.open(tmp_path / "scan.h5") as scan:
        for name in ("chunked", "contiguous"):
            assert "compiled core" in scan[name].explain()
            assert np.array_equal(scan[name][:, 7], data[:, 7])


def test_compact_scalar_and_empty_datasets_are_those_of_h5py(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((4,))
        h5py.h5d.create(file.id, b"compact", h5py.h5t.NATIVE_INT32, space, compact)
        file["compact"][...] = [1, 2, 3, 4]
        file["scalar"] = 2.5
        file["text"] = "silver behenate"
        file["null"] = h5py.Empty("f4")
        file["names"] = ["a", "bc"]

    with daisy.open(tmp_path / "scan.h5") as scan:
        assert scan["compact"][1:].tolist() == [2, 3, 4]
        assert scan["scalar"][()] == 2.5
        assert scan["text"][()] == "silver behenate"
        assert scan["null"].read().shape == (0,)
        assert scan["names"][[1, 0]].tolist() == ["bc", "a"]


def test_a_dataset_that_shrank_has_no_old_chunks(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        dataset = file.create_dataset(
            "data", data=np.arange(20), chunks=(4,), maxshape=(None,)
        )
        dataset.resize((7,))
        dataset.resize((14,))
        expected = dataset[()]

    with daisy.open(tmp_path / "scan.h5") as scan:
        assert np.array_equal(scan["data"][()], expected)


@pytest.mark.slow
def test_files_beyond_4_gib_are_read_at_the_right_place(tmp_path: Path) -> None:
    path = tmp_path / "large.h5"
    with h5py.File(path, "w") as file:
        early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        early.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space = h5py.h5s.create_simple((5, 1 << 30))
        h5py.h5d.create(file.id, b"sparse", h5py.h5t.NATIVE_UINT8, space, early)
        file["sparse"][4, -5:] = [1, 2, 3, 4, 5]
        file.create_dataset("behind", data=np.arange(9), chunks=(3,))

    with daisy.open(path) as scan:
        assert "compiled core" in scan["sparse"].explain()
        assert scan["sparse"][4, -5:].tolist() == [1, 2, 3, 4, 5]
        assert scan["behind"][()].tolist() == list(range(9))


def test_a_request_of_more_than_2_gib_is_read_whole(tmp_path: Path) -> None:
    """Linux reads at most 2 GiB less a page at once; here the file is a hole."""
    from daisy_kernel.native import chunk_table, read_parts_into

    size = (1 << 31) + 4096
    path = tmp_path / "hole.raw"
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(size - 3)
        file.write(b"end")
    table = chunk_table(
        [(path, 0, 0, 0)], (size,), (size,), np.dtype("u1"), [0], [0], [size]
    )
    out = np.empty(size, "u1")

    read_parts_into([(table, [(0, size, 1)], out)])

    assert out[-3:].tobytes() == b"end"
    assert not out[:-3:1009].any()


def test_wrong_out_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    data = places(tmp_path / "scan.h5")
    locked = np.zeros(data.shape, data.dtype)
    locked.flags.writeable = False
    wrong = [np.zeros(data.shape, "f8"), np.zeros((4, 30), data.dtype), locked]

    with daisy.open(tmp_path / "scan.h5") as scan:
        for out in wrong:
            with pytest.raises(daisy.errors.ShapeMismatch):
                scan["chunked"].read(out=out)
            assert not out.any()


def test_out_may_run_backwards_and_skip(tmp_path: Path) -> None:
    data = places(tmp_path / "scan.h5")
    whole = np.zeros((4, 60, 20), data.dtype)

    with daisy.open(tmp_path / "scan.h5") as scan:
        scan["chunked"].read(out=whole[::-1, ::2])
        scan["chunked"].read(np.s_[::-1], out=whole[:, 1::2])

    assert np.array_equal(whole[::-1, ::2], data)
    assert np.array_equal(whole[:, 1::2], data[::-1])


def test_list_in_any_order_and_twice_is_numpys(tmp_path: Path) -> None:
    data = places(tmp_path / "scan.h5")
    picks = [3, 0, 0, -2]

    with daisy.open(tmp_path / "scan.h5") as scan:
        got = scan["chunked"]
        assert np.array_equal(got[picks], data[picks])
        assert np.array_equal(got[:, 2, [5, 1]], data[:, 2, [5, 1]])
        assert np.array_equal(got[1, :, [5, 1]], data[1, :, [5, 1]])
        out = np.zeros((4, 30, 20), data.dtype)
        got.read(picks, out=out)
        assert np.array_equal(out, data[picks])


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<u4", "u1"])
@pytest.mark.parametrize("name", ["none", "gzip, shuffle", "bslz4", "zstd, shuffle"])
def test_results_larger_than_the_caches_are_the_same(
    tmp_path: Path, name: str, dtype: str
) -> None:
    rng = np.random.default_rng(0)
    size = (5, 1021, 8 * 1031 // np.dtype(dtype).itemsize)
    data = np.resize(rng.poisson(90, size[1:]), size).astype(dtype)
    data[1:, 500] = 7
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        for chunks in ((1, *size[1:]), (2, 300, 333)):
            file.create_dataset(
                f"{chunks[0]}", data=data, chunks=chunks, **FILTERS[name]
            )

    for begin in (0, 1):  # a vector may lie across the borders of elements
        memory = np.full(data.nbytes + begin, POISON, "u1")
        out = memory[begin:].view(dtype).reshape(size)
        with daisy.open(path) as scan:
            for dataset in ("1", "2"):
                out.view("u1")[...] = POISON
                scan[dataset].read(out=out)
                assert np.array_equal(out, data)
                part = np.s_[:, 3:, 1:]
                scan[dataset].read(part, out=out[part])
                assert np.array_equal(out, data)


def test_axes_of_all_orders_come_out_of_tiles(tmp_path: Path) -> None:
    data = np.arange(7 * 9 * 11, dtype="<u4").reshape(7, 9, 11)
    for chunks in itertools.product((1, 3), (2, 9), (4, 11)):
        path = tmp_path / f"{'_'.join(map(str, chunks))}.h5"
        with h5py.File(path, "w") as file:
            file.create_dataset("data", data=data, chunks=chunks, compression="gzip")
        with daisy.open(path) as scan:
            assert np.array_equal(scan["data"][:, 4], data[:, 4])
            assert np.array_equal(scan["data"][..., 10], data[..., 10])


def test_bytes_beside_the_array_stay_as_they_are(tmp_path: Path) -> None:
    data = places(tmp_path / "scan.h5")
    whole = np.full((6, 32, 24), 0xABCD, data.dtype)

    with daisy.open(tmp_path / "scan.h5") as scan:
        scan["chunked"].read(out=whole[1:5, 1:31, 2:22])

    assert np.array_equal(whole[1:5, 1:31, 2:22], data)
    whole[1:5, 1:31, 2:22] = 0xABCD
    assert (whole == 0xABCD).all()

"""What is written by encoders is read by plain h5py and by DAISY, bit for bit."""

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import hdf5plugin
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imagecodecs import zstd_decode

import daisy_kernel as daisy
from daisy_kernel.io.writing import Branch, Field, write_nexus
from daisy_kernel.model.errors import ResultExists, ShapeMismatch

CODECS = ["gzip", "bitshuffle-lz4", "bitshuffle-zstd", "zstd"]
OPTIONS = {
    "gzip": {"compression": "gzip", "compression_opts": 4, "shuffle": True},
    "bitshuffle-lz4": hdf5plugin.Bitshuffle(cname="lz4"),
    "bitshuffle-zstd": hdf5plugin.Bitshuffle(cname="zstd"),
    "zstd": hdf5plugin.Zstd(),
}
DTYPES = [
    "u1", "i1", "?", "<u2", ">u2", "<i4", ">i4", "<u8", "<f2", "<f4", ">f4", "<f8",
    "c8", "c16", "S5", "V3", [("a", "<u2"), ("b", ">f8")],
]  # fmt: skip


def filled(shape, dtype, seed, noisy):
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    bytes_ = rng.integers(0, 256 if noisy else 3, (*shape, dtype.itemsize), np.uint8)
    if dtype.kind == "b":
        bytes_ &= 1
    return bytes_.reshape(-1).view(dtype).reshape(shape)


@st.composite
def cases(draw):
    shape = tuple(draw(st.lists(st.integers(1, 40), min_size=1, max_size=4)))
    chunk = tuple(draw(st.integers(1, n)) for n in shape)
    cuts = draw(st.lists(st.integers(0, shape[0]), max_size=5))
    edges = [0, *sorted(cuts), shape[0]]
    return shape, chunk, list(itertools.pairwise(edges))


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
@given(
    case=cases(),
    dtype=st.sampled_from(DTYPES),
    codec=st.sampled_from(CODECS),
    seed=st.integers(0, 9),
    noisy=st.booleans(),
)
def test_any_shape_type_and_blocks_come_back(case, dtype, codec, seed, noisy):
    shape, chunk, edges = case
    array = filled(shape, dtype, seed, noisy)

    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.h5"
        blocks = (array[lo:hi] for lo, hi in edges)
        field = Field(blocks, "", {}, codec, chunk, shape, array.dtype)
        write_nexus(path, Branch("NXroot", {"data": field}))
        with h5py.File(path) as file:
            by_h5py = file["data"][...]
        with daisy.open(path) as scan:
            by_daisy = scan["data"].read()

    assert by_h5py.dtype == array.dtype
    assert by_h5py.tobytes() == array.tobytes()
    assert by_daisy.tobytes() == array.tobytes()


@pytest.mark.parametrize("codec", CODECS)
def test_the_filters_are_told_what_h5py_would_tell_them(tmp_path, codec):
    array = np.arange(300, dtype=">u4").reshape(3, 10, 10)

    field = Field(array, compression=codec, chunks=(1, 10, 10))
    write_nexus(tmp_path / "a.h5", Branch("", {"data": field}))
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_dataset("data", data=array, chunks=(1, 10, 10), **OPTIONS[codec])

    assert filters(tmp_path / "a.h5") == filters(tmp_path / "b.h5")


def filters(path):
    with h5py.File(path) as file:
        created = file["data"].id.get_create_plist()
        count = created.get_nfilters()
        return [created.get_filter(i) for i in range(count)], created.get_chunk()


@pytest.mark.parametrize("codec", [None, *CODECS])
@pytest.mark.parametrize("shape", [(), (0,), (0, 4), (3, 0), (1,), (5,)])
def test_small_and_empty_datasets(tmp_path, codec, shape):
    array = np.ones(shape, "<u2")

    members = {"a": Field(array, compression=codec)}
    if shape:
        members["b"] = Field(
            iter([array]), compression=codec, shape=shape, dtype=array.dtype
        )
    write_nexus(tmp_path / "a.h5", Branch("", members))

    with h5py.File(tmp_path / "a.h5") as file:
        for name in members:
            np.testing.assert_array_equal(file[name][()], array)


def test_chunks_at_the_edges_are_padded_with_the_fill_value(tmp_path):
    array = np.full((5, 7), 9, "<u2")

    field = Field(array, compression="zstd", chunks=(4, 4))
    write_nexus(tmp_path / "a.h5", Branch("", {"data": field}))

    with h5py.File(tmp_path / "a.h5") as file:
        _, stored = file["data"].id.read_direct_chunk((4, 4))
    corner = np.frombuffer(zstd_decode(stored), "<u2").reshape(4, 4)
    np.testing.assert_array_equal(corner[:1, :3], array[4:, 4:])
    assert corner.sum() == array[4:, 4:].sum()


def test_text_is_left_to_h5py(tmp_path):
    field = Field(np.array(["a", "bc"], object), compression="gzip")

    write_nexus(tmp_path / "a.h5", Branch("", {"names": field}))

    with h5py.File(tmp_path / "a.h5") as file:
        assert file["names"].asstr()[...].tolist() == ["a", "bc"]


@pytest.mark.parametrize("codec", [None, "gzip"])
@pytest.mark.parametrize("rows", [2, 4])
def test_blocks_that_do_not_fill_the_dataset_are_refused(tmp_path, codec, rows):
    blocks = iter([np.zeros((rows, 8), "u2")])

    with pytest.raises(ShapeMismatch, match=r"a\.h5: /data"):
        write_nexus(
            tmp_path / "a.h5",
            Branch("", {"data": Field(blocks, "", {}, codec, None, (3, 8), "u2")}),
        )

    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_replaced(tmp_path):
    path = tmp_path / "a.h5"
    path.write_text("old")

    with pytest.raises(ResultExists):
        write_nexus(path, Branch("", {"x": 1}))

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_comes_up_meanwhile_is_not_replaced(tmp_path):
    path = tmp_path / "a.h5"

    def blocks():
        path.write_text("of another")
        yield np.zeros((1, 4))

    with pytest.raises(ResultExists):
        write_nexus(path, Branch("", {"x": Field(blocks(), shape=(1, 4), dtype="f8")}))

    assert path.read_text() == "of another"
    assert list(tmp_path.iterdir()) == [path]

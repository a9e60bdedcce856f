"""What a reduction gives is what numpy gives of the whole array."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
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
from daisy_kernel.model.errors import (
    FileDamaged,
    FormatNotSupported,
    ParameterRefused,
    SelectionNotSupported,
    SourceMissing,
)

ALL = ("sum", "min", "max", "mean", "var")

DTYPES = (
    "u1", "i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">i4", "<i8", ">u8", "<f2", ">f2",
    "<f4", ">f4", "<f8", ">f8", "?",
)  # fmt: skip

FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "gzip": {"compression": "gzip"},
    "gzip, shuffle, sum": {"compression": "gzip", "shuffle": True, "fletcher32": True},
    "lzf": {"compression": "lzf"},
    "bslz4": hdf5plugin.Bitshuffle(cname="lz4"),
    "bszstd, blocks": hdf5plugin.Bitshuffle(nelems=64, cname="zstd"),
    "bslz4, sum": {**hdf5plugin.Bitshuffle(cname="lz4"), "fletcher32": True},
    "zstd": hdf5plugin.Zstd(),
    "blosc": hdf5plugin.Blosc(),  # not known to the core
}


def expected(data: np.ndarray, axis: Any) -> dict[str, np.ndarray]:
    """Reduce by numpy, without its rounding to the type of the data."""
    sums = {"u": "u8", "b": "u8", "i": "i8"}.get(data.dtype.kind, "f8")
    wide = data.astype("f8")
    return {
        "sum": data.sum(axis, dtype=sums),
        "min": data.min(axis),
        "max": data.max(axis),
        "mean": wide.mean(axis),
        "var": wide.var(axis),
    }


def check(got: dict[str, np.ndarray], data: np.ndarray, axis: Any) -> None:
    for name, right in expected(data, axis).items():
        assert got[name].shape == np.shape(right), name
        if name in ("min", "max"):
            assert got[name].dtype == data.dtype.newbyteorder("="), name
        if name in ("min", "max") or (name == "sum" and data.dtype.kind in "biu"):
            assert np.array_equal(got[name], right), name
        else:
            size = np.abs(data.astype("f8")).max(initial=1)
            most = size**2 if name == "var" else size * max(1, data.size)
            close = {"rtol": 1e-12, "atol": 1e-13 * most}
            np.testing.assert_allclose(got[name], right, **close, err_msg=name)


@st.composite
def layouts(draw: st.DrawFn) -> dict[str, Any]:
    shape = tuple(draw(st.lists(st.integers(1, 30), min_size=1, max_size=4)))
    while np.prod(shape) > 30_000:
        shape = tuple(max(1, n // 2) for n in shape)
    name = draw(st.sampled_from(tuple(FILTERS)))
    made: dict[str, Any] = {
        "shape": shape,
        "dtype": np.dtype(draw(st.sampled_from(DTYPES))),
        **FILTERS[name],
    }
    if name != "none" or draw(st.booleans()):
        made["chunks"] = tuple(draw(st.integers(1, n)) for n in shape)
    if draw(st.booleans()) and made["dtype"].kind in "iuf":
        made["fillvalue"] = made["dtype"].type(draw(st.integers(0, 100)))
    return made


def content(layout: dict[str, Any], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    dtype = layout["dtype"]
    if dtype.kind == "b":
        return rng.integers(0, 2, layout["shape"]).astype(bool)
    if dtype.kind == "f":
        return rng.normal(3, 20, layout["shape"]).astype(dtype)
    low, high = np.iinfo(dtype).min // 40_000, np.iinfo(dtype).max // 40_000
    if dtype.itemsize < 8:  # all there is
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    return rng.integers(low, high, layout["shape"], dtype.newbyteorder("=")).astype(
        dtype
    )


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), layouts(), st.integers(0, 9))
def test_every_reduction_is_what_numpy_gives(
    tmp_path: Path, data: st.DataObject, layout: dict[str, Any], seed: int
) -> None:
    values = content(layout, seed)
    written = data.draw(st.sampled_from([len(values), len(values) // 2, 0]))
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        dataset = file.create_dataset("data", **layout)
        if written:
            dataset[:written] = values[:written]
        whole = dataset[()]

    with daisy.open(tmp_path / "scan.h5") as scan:
        for _ in range(4):
            index = data.draw(indices(values.shape, empty=False))
            part = whole[index]
            some = st.integers(0, part.ndim - 1) if part.ndim else st.nothing()
            axis = data.draw(st.lists(some, unique=True).map(tuple))
            check(scan["data"].reduce(ALL, axis, index), part, axis)


@pytest.fixture
def frames() -> np.ndarray:
    """Frames large enough for several stripes and blocks."""
    return np.random.default_rng(1).poisson(300, (9, 300, 411)).astype("<u2")


@pytest.mark.parametrize("name", ["none", "gzip, shuffle, sum", "bslz4", "zstd"])
@pytest.mark.parametrize("chunks", [(1, 300, 411), (4, 64, 100), (9, 1, 411), None])
def test_stripes_blocks_and_chunks_meet(
    tmp_path: Path, frames: np.ndarray, name: str, chunks: Any
) -> None:
    if chunks is None and name != "none":
        pytest.skip("no filter without chunks")
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_dataset("data", data=frames, chunks=chunks, **FILTERS[name])

    with daisy.open(tmp_path / "scan.h5") as scan:
        for axis in (0, 1, 2, (0, 1), (1, 2), (0, 2), (0, 1, 2), ()):
            check(scan["data"].reduce(ALL, axis, memory=200_000), frames, axis)
            part = (slice(None, None, -2), [3, 3, 290, 7], slice(5, 400, 3))
            check(scan["data"].reduce(ALL, axis, part), frames[part], axis)


def test_the_files_of_a_virtual_dataset_are_one_reduction(
    tmp_path: Path, frames: np.ndarray
) -> None:
    layout = h5py.VirtualLayout((9, 300, 411), "<u2")
    for number, rows in enumerate((slice(0, 4), slice(4, 9))):
        for side, columns in enumerate((slice(0, 200), slice(200, 411))):
            name = tmp_path / f"part{number}{side}.h5"
            data = frames[rows, :, columns]
            chunks = (1, 300, data.shape[2]) if number else (2, 50, 100)
            with h5py.File(name, "w") as file:
                file.create_dataset("d", data=data, chunks=chunks, **FILTERS["bslz4"])
            layout[rows, :, columns] = h5py.VirtualSource(name, "d", data.shape)
    with h5py.File(tmp_path / "all.h5", "w") as file:
        file.create_virtual_dataset("data", layout)

    with daisy.open(tmp_path / "all.h5") as scan:
        for axis in (0, 1, (0, 2), (0, 1, 2)):
            check(scan["data"].reduce(ALL, axis), frames, axis)
            part = (slice(1, 8, 3), slice(None), slice(150, 411, 7))
            check(scan["data"].reduce(ALL, axis, part), frames[part], axis)
    (tmp_path / "part11.h5").unlink()
    with daisy.open(tmp_path / "all.h5") as scan:
        with pytest.raises(SourceMissing):
            scan["data"].reduce("sum")
        there = (slice(0, 4),)
        check(scan["data"].reduce(ALL, 0, there), frames[there], 0)


def test_what_no_source_is_mapped_to_is_the_fill_value(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "part.h5", "w") as file:
        file["d"] = np.arange(12, dtype="i4").reshape(3, 4)
    layout = h5py.VirtualLayout((5, 4), "i4")
    layout[1:4] = h5py.VirtualSource(tmp_path / "part.h5", "d", (3, 4))
    with h5py.File(tmp_path / "all.h5", "w") as file:
        file.create_virtual_dataset("data", layout, fillvalue=-7)
        whole = file["data"][()]

    with daisy.open(tmp_path / "all.h5") as scan:
        check(scan["data"].reduce(ALL, 0), whole, 0)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_folder_of_tiff_files_is_one_reduction(
    tmp_path: Path, frames: np.ndarray, compression: str | None, order: str
) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate(frames):
        path = folder / f"frame_{number:03}.tif"
        tifffile.imwrite(path, frame, compression=compression, byteorder=order)

    with daisy.open(folder) as scan:
        check(scan["data"].reduce(ALL, 0), frames, 0)
        check(scan["data"].reduce(ALL, (1, 2)), frames, (1, 2))


def both(tmp_path: Path, data: np.ndarray, axis: Any, names: Any = ALL) -> list[Any]:
    """Reduce by the core, whole chunks and blocks, and in Python."""
    found = []
    chunks = (1, *data.shape[1:])
    for number, name in enumerate(("gzip", "bslz4", "none", "blosc")):
        path = tmp_path / f"{number}.h5"
        with h5py.File(path, "w") as file:
            file.create_dataset("data", data=data, chunks=chunks, **FILTERS[name])
        with daisy.open(path) as scan:
            by_core = scan["data"].explain().startswith("compiled core")
            assert by_core == (name != "blosc")
            found.append(scan["data"].reduce(names, axis))
    return found


@pytest.mark.parametrize("axis", [0, 1, (0, 1)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2"])
def test_nan_and_infinity_are_treated_as_numpy_does(
    tmp_path: Path, dtype: str, axis: Any
) -> None:
    data = np.random.default_rng(0).normal(size=(6, 40)).astype(dtype)
    data[2, 3] = data[0, 5] = data[5, 6] = np.nan
    data[1, 8], data[5, 9], data[0, 10] = np.inf, -np.inf, np.inf
    data[1, 11], data[2, 11] = np.inf, -np.inf

    with np.errstate(all="ignore"):
        right = expected(data, axis)

    for got in both(tmp_path, data, axis):
        for name in ALL:
            np.testing.assert_allclose(got[name], right[name], rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("axis", [0, 1, (0, 1)])
@pytest.mark.parametrize("dtype", ["f8", "i8", "u4", "i4"])
def test_a_large_mean_does_not_spoil_a_small_spread(
    tmp_path: Path, dtype: str, axis: Any
) -> None:
    noise = np.random.default_rng(0).normal(0, 1, (50, 60))
    data = (1e9 + (np.rint(noise * 3) if dtype[0] in "iu" else noise)).astype(dtype)

    for got in both(tmp_path, data, axis):
        near = data.astype("f8") - 1e9
        np.testing.assert_allclose(got["var"], near.var(axis), rtol=1e-6)
        np.testing.assert_allclose(got["mean"], 1e9 + near.mean(axis), rtol=1e-15)


def test_negative_numbers_have_negative_sums(tmp_path: Path) -> None:
    data = -np.arange(60, dtype="i2").reshape(5, 12) * 500

    for got in both(tmp_path, data, 0):
        check(got, data, 0)


@pytest.mark.parametrize(("dtype", "value"), [("u8", 2**63), ("i8", -(2**62) - 2**61)])
def test_a_sum_that_does_not_fit_is_refused_and_its_mean_is_not(
    tmp_path: Path, dtype: str, value: int
) -> None:
    data = np.full((3, 7), value, dtype)

    for axis in (0, 1, (0, 1)):
        with pytest.raises(FormatNotSupported, match="64 bits"):
            both(tmp_path, data, axis, "sum")
        for got in both(tmp_path, data, axis, ("mean", "max")):
            assert np.all(got["mean"] == float(value))
            assert np.all(got["max"] == value)


def test_results_come_in_the_order_that_was_asked_for(tmp_path: Path) -> None:
    data = np.arange(20, dtype="u2").reshape(4, 5)

    for names in (("var", "sum"), ("max", "mean", "min"), ("mean",), ("var",)):
        for got in both(tmp_path, data, 0, names):
            assert tuple(got) == names
            for name in names:
                np.testing.assert_allclose(got[name], expected(data, 0)[name])


def test_floats_give_the_same_on_every_run(tmp_path: Path) -> None:
    data = np.random.default_rng(0).normal(1, 1e3, (20, 300, 400)).astype("f4")
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        packed = FILTERS["bslz4"]
        file.create_dataset("data", data=data, chunks=(1, 300, 400), **packed)

    for axis in (0, (0, 1, 2)):
        found = []
        for _ in range(4):
            with daisy.open(tmp_path / "scan.h5") as scan:
                found.append(scan["data"].reduce(ALL, axis))
        for name in ALL:
            assert len({got[name].tobytes() for got in found}) == 1, name


def test_nothing_has_a_sum_but_no_extremes(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_dataset("data", (0, 4), "f4")

    with daisy.open(tmp_path / "scan.h5") as scan:
        got = scan["data"].reduce(("sum", "mean", "var"))
        assert np.array_equal(got["sum"], np.zeros(4))
        assert np.isnan(got["mean"]).all()
        assert np.isnan(got["var"]).all()
        with pytest.raises(SelectionNotSupported, match="nothing"):
            scan["data"].reduce("min")
        assert scan["data"].reduce("max", 1)["max"].shape == (0,)


def test_what_cannot_be_reduced_is_refused_by_name(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file["complex"] = np.zeros((3, 4), "c8")
        file["text"] = ["a", "b"]
        file["pair"] = np.zeros(3, [("a", "i4"), ("b", "f4")])
        file["data"] = np.zeros((3, 4))

    with daisy.open(tmp_path / "scan.h5") as scan:
        for name in ("complex", "text", "pair"):
            with pytest.raises(FormatNotSupported, match="added up"):
                scan[name].reduce("sum")
        with pytest.raises(ParameterRefused, match=r"'median'.*sum, min, max"):
            scan["data"].reduce(["sum", "median"])
        with pytest.raises(SelectionNotSupported, match="no axis 2"):
            scan["data"].reduce("sum", 2)
        with pytest.raises(SelectionNotSupported, match="twice"):
            scan["data"].reduce("sum", (0, -2))


def test_a_damaged_chunk_is_an_error(tmp_path: Path, frames: np.ndarray) -> None:
    path = tmp_path / "scan.h5"
    for name in ("gzip", "bslz4"):
        with h5py.File(path, "w") as file:
            data = file.create_dataset(
                "data", data=frames, chunks=(1, 300, 411), **FILTERS[name]
            )
            at = data.id.get_chunk_info(5)
        with path.open("r+b") as raw:
            raw.seek(at.byte_offset + 12)  # where bitshuffle's first block begins
            raw.write(bytes(range(200, 256)) * 20)

        with daisy.open(path) as scan, pytest.raises(FileDamaged, match=r"\(5, 0, 0\)"):
            scan["data"].reduce("sum")


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_stops_a_reduction(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        data = file.create_dataset(
            "data", (4000, 512, 512), "u2", chunks=(1, 512, 512), **FILTERS["bslz4"]
        )
        data[0] = np.random.default_rng(0).integers(0, 60000, (512, 512))
        _, chunk = data.id.read_direct_chunk((0, 0, 0))
        for number in range(1, 2000):
            data.id.write_direct_chunk((number, 0, 0), chunk)

    with daisy.open(tmp_path / "scan.h5") as scan:
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012
            for _ in range(100):
                scan["data"].reduce(ALL)
        assert time.monotonic() - began < 5


MEASURE = """
import sys
import daisy_kernel as daisy

def memory(name):
    with open("/proc/self/status") as status:
        return next(int(l.split()[1]) for l in status if l.startswith(name)) / 1024

with daisy.open(sys.argv[1]) as scan:
    dataset = scan["data"]
    dataset.explain()
    before = memory("VmRSS")
    got = dataset.reduce(("sum", "min", "max", "mean", "var"))
    results = sum(array.nbytes for array in got.values()) / 2**20
    print(memory("VmHWM") - before - results)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bslz4", "gzip"])
def test_extra_memory_is_below_64_mb(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(0)
    noise = rng.poisson(300, (4, 2048, 2048)).astype("u2")
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        packed = {**FILTERS[name], "shuffle": True} if name == "gzip" else FILTERS[name]
        data = file.create_dataset(
            "data", (24, 2048, 2048), "u2", chunks=(1, 2048, 2048), **packed
        )
        data[:4] = noise
        for number in range(4, 24):
            _, chunk = data.id.read_direct_chunk((number % 4, 0, 0))
            data.id.write_direct_chunk((number, 0, 0), chunk)

    found = subprocess.run(
        [sys.executable, "-c", MEASURE, tmp_path / "scan.h5"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert float(found.stdout) < 64

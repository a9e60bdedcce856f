"""Open, read and leave: HDF5, TIFF, dtypes, workers."""

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tifffile

import daisy_kernel as daisy
from daisy_kernel import errors

Write = Callable[..., Path]


def test_every_real_file_opens_or_says_why_not(real_data: Path) -> None:
    for path in sorted(p for p in real_data.rglob("*") if p.is_file()):
        try:
            with daisy.open(path) as scan:
                scan._repr_html_()
                if scan.signal is not None:
                    scan.signal[(0,) * (scan.signal.ndim - 1)]
        except errors.DataError as error:
            assert path.name in str(error)  # noqa: PT017


def test_relative_path_is_found_below_the_data_folder(
    hdf5: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hdf5({"data": np.zeros((2, 2))}, "B7/2026-0042/raw/scan.h5")
    monkeypatch.setenv("DAISY_DATA", str(tmp_path))

    with daisy.open("B7/2026-0042/raw/scan.h5") as scan:
        assert scan.path == str(tmp_path / "B7/2026-0042/raw/scan.h5")


def test_content_decides_not_the_suffix(hdf5: Write) -> None:
    path = hdf5({"data": np.zeros((2, 2))}, "scan.dat")

    with daisy.open(path) as scan:
        assert scan.format == "hdf5"


DTYPES: dict[str, Any] = {
    "big_endian": np.arange(6, dtype=">u2").reshape(2, 3),
    "half": np.arange(6, dtype="f2").reshape(2, 3),
    "bool": np.array([[True, False], [False, True]]),
    "complex": np.array([[1 + 2j, 3], [4, 5]]),
    "large_integers": np.array([[2**60 + 1, 2**53 + 1]], dtype="i8"),
    "u64": np.array([[2**64 - 1, 2**63 + 1]], dtype="u8"),
    "compound": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    "fixed_text": np.array([b"ab", b"cd"]),
}


@pytest.mark.parametrize("name", DTYPES)
def test_every_type_is_read_exactly(hdf5: Write, name: str) -> None:
    path = hdf5({"data": DTYPES[name]})

    with daisy.open(path) as scan:
        data = scan["data"]
        assert np.array_equal(data.read(), DTYPES[name])
        assert data.dtype == DTYPES[name].dtype
        assert data._repr_html_()


def test_text_and_empty_datasets_do_not_crash(hdf5: Write) -> None:
    path = hdf5(
        {
            "title": "Größe",
            "list": np.array(["a", "b"], dtype=object),
            "null": h5py.Empty("f4"),
            "scalar": 3.5,
        }
    )

    with daisy.open(path) as scan:
        assert scan["title"].read()[()] == "Größe"
        assert scan["list"].read().tolist() == ["a", "b"]
        assert scan["null"].read().shape == (0,)
        assert scan["scalar"].read() == 3.5
        assert {c.name: c.detail for c in scan.children()}["null"] == "empty"


def test_units_in_latin_1_are_read(hdf5: Write) -> None:
    path = hdf5({"data": np.zeros(3)})
    with h5py.File(path, "a") as file:
        file["data"].attrs["units"] = np.bytes_("\xb5m".encode("latin-1"))

    with daisy.open(path) as scan:
        assert scan["data"].units == "\xb5m"


def test_missing_name_lists_what_is_there(hdf5: Write) -> None:
    with (
        daisy.open(hdf5({"entry/data": np.zeros(3)})) as scan,
        pytest.raises(errors.FieldNotFound, match="It has: data"),
    ):
        scan["entry/dta"]


def test_read_fills_the_callers_array(hdf5: Write, frames: np.ndarray) -> None:
    with daisy.open(hdf5({"data": frames})) as scan:
        out = np.empty((4, 6), np.uint16)
        backwards = np.empty((5, 4, 6), np.uint16)

        assert scan["data"].read(2, out=out) is out
        scan["data"].read(np.s_[::-1], out=backwards)

    assert np.array_equal(out, frames[2])
    assert np.array_equal(backwards, frames[::-1])


def test_out_of_another_shape_is_refused(hdf5: Write, frames: np.ndarray) -> None:
    with (
        daisy.open(hdf5({"data": frames})) as scan,
        pytest.raises(errors.ShapeMismatch, match=r"\(4, 6\), out is \(3, 3\)"),
    ):
        scan["data"].read(0, out=np.empty((3, 3), np.uint16))


def test_blocks_cover_everything_within_the_memory(
    hdf5: Write, frames: np.ndarray
) -> None:
    with daisy.open(hdf5({"data": frames})) as scan:
        blocks = list(scan["data"].blocks(memory=100))

    assert np.array_equal(np.concatenate([block for _, block in blocks]), frames)
    assert all(block.nbytes <= 100 for _, block in blocks)


def test_dataset_pickles_as_its_path(hdf5: Write, frames: np.ndarray) -> None:
    with daisy.open(hdf5({"entry/data": frames})) as scan:
        packed = pickle.dumps(scan["entry/data"])

    assert len(packed) < 2000
    assert np.array_equal(pickle.loads(packed).read(), frames)


def test_dask_blocks_are_whole_chunks(tmp_path: Path) -> None:
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        shape = (64, 512, 1024)
        file.create_dataset("data", shape, "f4", chunks=(5, 512, 1024), fillvalue=2)

    with daisy.open(path) as scan:
        array = scan["data"].to_dask()

        assert array.chunks[0][0] % 5 == 0
        assert array.blocks[0].nbytes <= 64 << 20
        assert array[:2, :2, :2].sum().compute() == 16


def test_xarray_carries_names_and_units(hdf5: Write, frames: np.ndarray) -> None:
    content = {"exchange/data": frames, "exchange/data@units": "counts"}
    with daisy.open(hdf5(content)) as scan:
        array = scan.signal.to_xarray()

        assert array.dims[0] == "theta"
        assert array.attrs["units"] == "counts"
        assert float(array.sum().compute()) == frames.sum()


def test_explain_counts_chunks_and_names_filters(tmp_path: Path) -> None:
    import hdf5plugin

    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        packed = hdf5plugin.Bitshuffle(cname="lz4")
        zeros = np.zeros((10, 8, 8), "u2")
        file.create_dataset("data", data=zeros, chunks=(1, 8, 8), **packed)

    with daisy.open(path) as scan:
        text = scan["data"].explain(np.s_[2:5, 0])

        assert scan["data"].filters == ("bitshuffle-lz4",)
        assert "3 chunk(s)" in text
        assert "bitshuffle-lz4" in text


def test_a_group_of_many_members_is_paged_quickly(tmp_path: Path) -> None:
    path = tmp_path / "many.h5"
    with h5py.File(path, "w", libver="latest") as file:
        for i in range(20_000):
            file.create_group(f"g{i:06d}")

    with daisy.open(path) as scan:
        start = time.perf_counter()
        page = scan.children(offset=10_000, limit=100)
        found = scan.children(filter="G0199")
        seconds = time.perf_counter() - start

    assert page.total == 20_000
    assert [page.items[0].name, len(page)] == ["g010000", 100]
    assert found.total == 100
    assert seconds < 1


def test_a_link_in_a_tiff_folder_stays_inside_the_roots(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    tifffile.imwrite(tmp_path / "secret.tif", np.zeros((4, 6), "u2"))
    tifffile.imwrite(tmp_path / "inside/f_0.tif", np.zeros((4, 6), "u2"))
    (tmp_path / "inside/f_1.tif").symlink_to(tmp_path / "secret.tif")

    with pytest.raises(errors.OutsideData, match=r"f_1\.tif"):
        daisy.open(tmp_path / "inside", roots=[tmp_path / "inside"])
    with daisy.open(tmp_path / "inside", roots=[tmp_path]) as scan:
        assert pickle.loads(pickle.dumps(scan.signal)).shape == (2, 4, 6)


def test_tiff_folder_is_one_stack_in_natural_order(
    tmp_path: Path, frames: np.ndarray
) -> None:
    for i, frame in enumerate(np.repeat(frames, 3, axis=0)[:12]):
        tifffile.imwrite(tmp_path / f"frame_{i}.tif", frame + i)

    with daisy.open(tmp_path) as scan:
        data = scan.signal
        expected = np.repeat(frames, 3, axis=0)[:12] + np.arange(12)[:, None, None]
        assert scan.format == "tiff-folder"
        assert data.shape == (12, 4, 6)
        assert np.array_equal(data[8:12, 1], expected[8:12, 1])
        assert np.array_equal(pickle.loads(pickle.dumps(data))[10], expected[10])


@pytest.mark.parametrize("order", ["<", ">"])
def test_multipage_tiff_is_a_stack(tmp_path: Path, order: str) -> None:
    stack = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, stack, byteorder=order, photometric="minisblack")

    with daisy.open(path) as scan:
        assert np.array_equal(scan.signal.read(), stack)
        assert np.array_equal(scan.signal[1, ::-1], stack[1, ::-1])


def test_html_escapes_what_a_file_says(hdf5: Write) -> None:
    path = hdf5({"<script>": np.zeros(2), "<script>@units": "<b>"})

    with daisy.open(path) as scan:
        assert "<script>" not in scan._repr_html_()
        assert "<b><" not in scan["<script>"]._repr_html_()

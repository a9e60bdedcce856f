"""Zarr stores, versions 2 and 3: conformance, attributes, holes, links and damage."""

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.testing import ReaderTests

zarr = pytest.importorskip("zarr")
VERSIONS = pytest.mark.parametrize("version", [2, 3])


class TestZarr2(ReaderTests):
    version = 2

    def write(self, frames: Any, folder: Path) -> Path:
        root = zarr.open_group(folder / "scan.zarr", mode="w", zarr_format=self.version)
        made = root.create_array(
            "entry/data", shape=frames.shape, chunks=(2, 3, 4), dtype=frames.dtype
        )
        made[...] = frames
        return folder / "scan.zarr"


class TestZarr3(TestZarr2):
    version = 3


class TestZarrArrayAlone(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        zarr.save_array(folder / "scan.zarr", frames, zarr_format=3)
        return folder / "scan.zarr"


class TestShardedZarr(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        root = zarr.open_group(folder / "scan.zarr", mode="w")
        made = root.create_array(
            "data", shape=frames.shape, chunks=(1, 2, 3), shards=(2, 4, 6),
            dtype=frames.dtype,
        )  # fmt: skip
        made[...] = frames
        return folder / "scan.zarr"


def store(folder: Path, version: int = 3, name: str = "scan.zarr") -> Any:
    return zarr.open_group(folder / name, mode="w", zarr_format=version)


def files(folder: Path) -> list[Path]:
    """Give the files of chunks."""
    every = [p for p in folder.rglob("*") if p.is_file()]
    return [p for p in every if p.name != "zarr.json" and p.name[:2] != ".z"]


@VERSIONS
def test_a_missing_chunk_is_the_fill_value(tmp_path: Path, version: int) -> None:
    made = store(tmp_path, version).create_array(
        "data", shape=(4, 4), chunks=(2, 2), dtype="u2", fill_value=7
    )
    made[:2, :2] = 1

    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan.signal.read().tolist() == [[1, 1, 7, 7]] * 2 + [[7] * 4] * 2
        assert scan.signal.missing_sources == ()


@VERSIONS
def test_attributes_chunks_and_filters_are_given(tmp_path: Path, version: int) -> None:
    root = store(tmp_path, version)
    root.attrs["title"] = "gold"
    made = root.create_array(
        "data", shape=(6, 8), chunks=(3, 4), dtype="f4",
        compressors=zarr.codecs.BloscCodec()
        if version == 3
        else __import__("numcodecs").Blosc(),
    )  # fmt: skip
    made.attrs["units"] = "counts"
    made[...] = np.arange(48).reshape(6, 8)

    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan.format == "zarr"
        assert scan.attrs["title"] == "gold"
        data = scan["data"]
        assert (data.units, data.chunks, data.filters) == ("counts", (3, 4), ("blosc",))
        assert data.stored_bytes > sum(p.stat().st_size for p in files(tmp_path))
        assert "blosc" in data.explain(np.s_[2:4, 0])
        assert scan._repr_html_()


def test_chunks_of_shards_and_their_filters_are_named(tmp_path: Path) -> None:
    store(tmp_path).create_array(
        "data", shape=(8, 8), chunks=(2, 2), shards=(4, 4), dtype="u1",
        compressors=zarr.codecs.GzipCodec(),
    )[...] = 1  # fmt: skip

    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan.signal.chunks == (2, 2)
        assert scan.signal.filters == ("gzip",)


@pytest.mark.filterwarnings("ignore:The data type")
def test_the_largest_array_is_drawn_unless_something_is_declared(
    tmp_path: Path,
) -> None:
    root = store(tmp_path)
    for name, shape in {"line": (999,), "small": (2, 3), "large": (5, 6)}.items():
        root.create_array(f"a/{name}", shape=shape, dtype="f4")
    root.create_array("a/text", shape=(50, 50), dtype="U3")

    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert [s.path for s in scan.signals] == ["a/large", "a/small"]

    root["a"].attrs.update({"signal": "small", "axes": ["row", "column"]})
    root.create_array("a/row", shape=(2,), dtype="f4")
    root.create_array("a/column", shape=(7,), dtype="f4")
    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan.signal.path == "a/small"
        assert scan.signal.axes == ("row", None)
        assert "(7,) does not fit the signal of shape (2, 3)" in scan.signal.notes[0]

    root.attrs["default"] = "b"
    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan.signal.path == "a/small"
        assert scan.notes == ("the declared default 'b' is missing",)


def test_default_leads_to_the_signal(tmp_path: Path) -> None:
    root = store(tmp_path)
    root.attrs["default"] = "entry"
    root.create_array("entry/large", shape=(9, 9), dtype="f4")
    root.create_array("entry/map/iron", shape=(2, 2), dtype="f4")
    root["entry"].attrs["default"] = "map"
    root["entry/map"].attrs["signal"] = "iron"

    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan.signal.path == "entry/map/iron"


@VERSIONS
def test_dimension_names_are_the_axes(tmp_path: Path, version: int) -> None:
    root = store(tmp_path, version)
    names = {"dimension_names": ("y", "x")} if version == 3 else {}
    made = root.create_array("data", shape=(2, 3), dtype="f4", **names)
    if version == 2:
        made.attrs["_ARRAY_DIMENSIONS"] = ["y", "x"]

    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan.signal.axes == ("y", "x")
        assert pickle.loads(pickle.dumps(scan.signal)).axes == ("y", "x")


@VERSIONS
@pytest.mark.filterwarnings("ignore:The data type")
def test_every_type_is_read_exactly(tmp_path: Path, version: int) -> None:
    root = store(tmp_path, version)
    values: dict[str, Any] = {
        "big": np.arange(6, dtype=">u2"),
        "bool": np.array([True, False]),
        "complex": np.array([1 + 2j, 3]),
        "u64": np.array([2**64 - 1], "u8"),
        "text": np.array(["Größe", "b"]),
    }
    for name, value in values.items():
        root.create_array(name, data=value)

    with daisy.open(tmp_path / "scan.zarr") as scan:
        for name, value in values.items():
            assert scan[name].read().tolist() == value.tolist()
            assert scan[name].dtype.newbyteorder("=") == value.dtype.newbyteorder("=")


def test_text_of_any_length_is_text(tmp_path: Path) -> None:
    root = store(tmp_path)
    made = root.create_array("names", shape=(2,), dtype=str)
    made[:] = np.array(["iron", "Größe"], dtype=object)

    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan["names"].read().tolist() == ["iron", "Größe"]
        assert scan["names"]._repr_html_()


def test_scalar_and_empty_arrays_are_read(tmp_path: Path) -> None:
    root = store(tmp_path)
    root.create_array("scalar", data=np.float64(3.5))
    root.create_array("empty", shape=(0, 4), dtype="u2")

    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan["scalar"].read() == 3.5
        assert scan["empty"].read().shape == (0, 4)


def test_members_are_listed_page_by_page_and_broken_ones_are_missing(
    tmp_path: Path,
) -> None:
    root = store(tmp_path)
    for i in range(30):
        root.create_group(f"g{i:02d}")
    (tmp_path / "scan.zarr/g07/zarr.json").write_text("{")
    (tmp_path / "scan.zarr/g08/zarr.json").unlink()

    with daisy.open(tmp_path / "scan.zarr") as scan:
        page = scan.children(offset=6, limit=3)
        kinds = [child.kind for child in page]
        assert (page.total, kinds) == (30, ["group", "missing", "missing"])
        assert scan.children(filter="G1").total == 10
        with pytest.raises(errors.FileDamaged, match="g07: the metadata"):
            scan["g07"]


def test_missing_name_lists_what_is_there(tmp_path: Path) -> None:
    store(tmp_path).create_array("entry/data", shape=(2, 2), dtype="u1")

    with (
        daisy.open(tmp_path / "scan.zarr") as scan,
        pytest.raises(errors.FieldNotFound, match=r"'dta'. It has: data"),
    ):
        scan["entry/dta"]


@VERSIONS
def test_damaged_chunk_names_store_and_array(tmp_path: Path, version: int) -> None:
    made = store(tmp_path, version).create_array("data", shape=(9, 9), dtype="u2")
    made[...] = np.arange(81).reshape(9, 9)
    files(tmp_path)[0].write_bytes(b"no chunk")

    with (
        daisy.open(tmp_path / "scan.zarr") as scan,
        pytest.raises(errors.FileDamaged, match=r"zarr: data: cannot be read"),
    ):
        scan.signal.read()


def test_uncompressed_chunk_cut_short_is_damage(tmp_path: Path) -> None:
    made = store(tmp_path).create_array(
        "data", shape=(9, 9), dtype="u2", compressors=None
    )
    made[...] = 1
    chunk = files(tmp_path)[0]
    chunk.write_bytes(chunk.read_bytes()[:-3])

    with (
        daisy.open(tmp_path / "scan.zarr") as scan,
        pytest.raises(errors.FileDamaged, match="cannot be read"),
    ):
        scan.signal.read()


def test_broken_metadata_and_other_folders_are_named(tmp_path: Path) -> None:
    store(tmp_path)
    (tmp_path / "scan.zarr/zarr.json").write_text('{"zarr_format": 3, "node')
    (tmp_path / "empty.zarr").mkdir()

    with pytest.raises(errors.FileDamaged, match=r"scan\.zarr: /: the metadata"):
        daisy.open(tmp_path / "scan.zarr")
    with pytest.raises(errors.FormatNotSupported, match="no Zarr group or array"):
        daisy.open(tmp_path / "empty.zarr")


def test_a_store_that_vanishes_is_not_zeros(tmp_path: Path) -> None:
    store(tmp_path).create_array("data", shape=(9, 9), dtype="u2")[...] = 1

    with daisy.open(tmp_path / "scan.zarr") as scan:
        data = scan.signal
        (tmp_path / "scan.zarr").rename(tmp_path / "elsewhere")
        with pytest.raises(errors.FileMissing, match="is gone"):
            data.read()


def test_links_must_not_lead_out(tmp_path: Path) -> None:
    secret = store(tmp_path, name="outside/secret.zarr")
    secret.create_array("data", shape=(2, 2), dtype="u1")[...] = 42
    inside = store(tmp_path, name="inside/scan.zarr")
    inside.create_array("data", shape=(2, 2), dtype="u1")[...] = 1
    (tmp_path / "inside/scan.zarr/link").symlink_to(tmp_path / "outside/secret.zarr")
    chunk = files(tmp_path / "inside")[0]
    path = tmp_path / "inside/scan.zarr"

    with daisy.open(path, roots=[tmp_path / "inside"]) as scan:
        assert scan["data"].read().tolist() == [[1, 1], [1, 1]]
        kinds = {child.name: child.kind for child in scan.children()}
        assert kinds == {"data": "dataset", "link": "outside"}
        for name in ("link", "link/data"):
            with pytest.raises(errors.OutsideData):
                scan[name]
        with pytest.raises(errors.FieldNotFound):
            scan["../../outside/secret.zarr/data"]
        chunk.unlink()
        chunk.symlink_to(files(tmp_path / "outside")[0])
        for data in (scan["data"], pickle.loads(pickle.dumps(scan["data"]))):
            with pytest.raises(errors.OutsideData, match="a link leads out"):
                data.read()
    with daisy.open(path) as scan:
        assert scan["link/data"].read().tolist() == [[42, 42], [42, 42]]


def test_a_link_back_is_a_loop(tmp_path: Path) -> None:
    store(tmp_path).create_array("a/data", shape=(2, 2), dtype="u1")
    (tmp_path / "scan.zarr/a/up").symlink_to(tmp_path / "scan.zarr")

    with daisy.open(tmp_path / "scan.zarr") as scan:
        assert scan.signal is not None
        assert {c.name: c.kind for c in scan["a"].children()}["up"] == "loop"


def test_a_store_that_would_run_a_program_is_refused(tmp_path: Path) -> None:
    store(tmp_path, 2).create_array("data", shape=(2, 2), dtype="u1")[...] = 1
    metadata = tmp_path / "scan.zarr/data/.zarray"
    changed = {**json.loads(metadata.read_text()), "compressor": {"id": "pickle"}}
    metadata.write_text(json.dumps(changed))

    with (
        daisy.open(tmp_path / "scan.zarr") as scan,
        pytest.raises(errors.FormatNotSupported, match="pickle"),
    ):
        scan["data"].read()


def test_unknown_codec_is_named(tmp_path: Path) -> None:
    store(tmp_path).create_array("data", shape=(2, 2), dtype="u1")[...] = 1
    metadata = tmp_path / "scan.zarr/data/zarr.json"
    metadata.write_text(metadata.read_text().replace('"zstd"', '"vendor.magic"'))

    with (
        daisy.open(tmp_path / "scan.zarr") as scan,
        pytest.raises(errors.FormatNotSupported, match=r"vendor\.magic"),
    ):
        scan["data"].read()


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path)
    for name in [n for n in sys.modules if n.startswith("daisy_kernel.io.zarr.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "zarr", None)

    with pytest.raises(
        errors.OptionalPackageMissing, match=r"install 'daisy-kernel\[zarr\]'"
    ):
        daisy.open(tmp_path / "scan.zarr")


def test_a_growing_array_is_seen_after_a_refresh(tmp_path: Path) -> None:
    made = store(tmp_path).create_array("data", shape=(2, 3), dtype="u1")
    with daisy.open(tmp_path / "scan.zarr") as scan:
        data = scan.signal._source
        made.resize((5, 3))
        made[...] = 1

        data.refresh()

        assert (data.shape, data.written) == ((5, 3), 5)

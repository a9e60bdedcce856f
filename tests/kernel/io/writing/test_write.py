"""What `daisy.write` writes is what `daisy.open` reads, whatever the format."""

import h5py
import numpy as np
import pytest
import zarr

import daisy_kernel as daisy
from daisy_kernel.model.errors import (
    FormatNotSupported,
    ResultExists,
    ShapeMismatch,
)

SUFFIXES = [".h5", ".nxs", ".zarr"]
ANGLES = np.linspace(0, 180, 5)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "compression", ["default", None, "gzip", "zstd", "bitshuffle-lz4"]
)
def test_signal_units_and_axes_come_back(tmp_path, frames, suffix, compression):
    axes = {"angle": (ANGLES, "deg"), "y": None, "x": np.arange(6)}

    path = daisy.write(
        tmp_path / f"a{suffix}", frames, units="counts", axes=axes,
        compression=compression,
    )  # fmt: skip

    with daisy.open(path) as scan:
        signal = scan.signal
        np.testing.assert_array_equal(signal.read(), frames)
        assert signal.dtype == frames.dtype
        assert signal.units == "counts"
        assert [name and name.split("/")[-1] for name in signal.axes][::2] == [
            "angle",
            "x",
        ]
        assert signal.chunks == (1, 4, 6)
        assert not signal.notes


def test_other_programs_read_it(tmp_path, frames):
    axes = {"angle": (ANGLES, "deg"), "y": None, "x": None}
    daisy.write(tmp_path / "a.nxs", frames, units="counts", axes=axes)
    daisy.write(tmp_path / "a.zarr", frames, units="counts", axes=axes)

    with h5py.File(tmp_path / "a.nxs") as file:
        plot = file[file.attrs["default"]]["data"]
        assert plot.attrs["NX_class"] == "NXdata"
        assert list(plot.attrs["axes"]) == ["angle", ".", "."]
        np.testing.assert_array_equal(plot[plot.attrs["signal"]], frames)
        assert plot["angle"].attrs["units"] == "deg"
    group = zarr.open_group(tmp_path / "a.zarr", mode="r")
    assert group.metadata.zarr_format == 3
    assert group["data"].metadata.dimension_names == ("angle", "y", "x")
    np.testing.assert_array_equal(group["data"][...], frames)
    np.testing.assert_array_equal(group["angle"][...], ANGLES)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_dataset_is_copied_block_by_block(tmp_path, frames, suffix, monkeypatch):
    monkeypatch.setattr("daisy_kernel.io.writing.content._MEMORY", 2 * frames[0].nbytes)
    source = daisy.write(tmp_path / "a.h5", frames, units="counts")

    with daisy.open(source) as scan:
        copy = daisy.write(tmp_path / f"b{suffix}", scan.signal, compression="gzip")

    with daisy.open(copy) as scan:
        np.testing.assert_array_equal(scan.signal.read(), frames)
        assert scan.signal.units == "counts"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_volume_keeps_units_and_positions(tmp_path, suffix):
    data = np.ones((3, 4, 5), np.float32)
    volume = daisy.Volume(data, "1/m", pixel_size=2e-6, parameters={"first_row": 7})

    path = daisy.write(tmp_path / f"a{suffix}", volume)

    with daisy.open(path) as scan:
        assert scan.signal.units == "1/m"
        place = "" if suffix == ".zarr" else "entry/data/"
        np.testing.assert_allclose(scan[f"{place}z"].read(), 2e-6 * np.arange(7, 10))
        np.testing.assert_allclose(scan[f"{place}x"].read(), 2e-6 * np.arange(-2, 3))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (7,), (5, 6), (2, 3, 4, 5)])
def test_any_shape(tmp_path, suffix, shape):
    array = np.arange(np.prod(shape, dtype=int), dtype=">f4").reshape(shape)

    path = daisy.write(tmp_path / f"a{suffix}", array, compression="gzip")

    if suffix == ".zarr":
        back = zarr.open_group(path, mode="r")["data"][...]
    else:
        with h5py.File(path) as file:
            back = file["entry/data/data"][()]
    np.testing.assert_array_equal(back, array)


def test_frames_become_tiff_files(tmp_path, frames):
    path = daisy.write(tmp_path / "frames", frames, units="counts")

    with daisy.open(path) as scan:
        np.testing.assert_array_equal(scan.signal.read(), frames)
        assert scan.signal.units == "counts"
    with pytest.raises(FormatNotSupported, match="no frames"):
        daisy.write(tmp_path / "line", frames[0, 0])


@pytest.mark.parametrize("name", ["a.h5", "a.zarr", "a"])
def test_what_is_there_stays(tmp_path, frames, name):
    path = daisy.write(tmp_path / name, frames)

    with pytest.raises(ResultExists):
        daisy.write(path, frames + 1)

    with daisy.open(path) as scan:
        np.testing.assert_array_equal(scan.signal.read(), frames)
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_said_before(tmp_path, frames):
    with pytest.raises(FormatNotSupported, match=r"DAISY writes \.h5"):
        daisy.write(tmp_path / "a.png", frames)
    axes = {"angle": np.arange(3), "y": None, "x": None}
    with pytest.raises(ShapeMismatch, match=r"axis angle.*\(3,\)"):
        daisy.write(tmp_path / "a.h5", frames, axes=axes)
    with pytest.raises(ShapeMismatch, match="2 are named"):
        daisy.write(tmp_path / "a.h5", frames, axes=["y", "x"])

    assert not list(tmp_path.iterdir())

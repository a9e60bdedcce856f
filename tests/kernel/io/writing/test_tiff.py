"""Folders of TIFF files: scaled pixels, and values that can be given back."""

import json

import numpy as np
import pytest
import tifffile

import daisy_kernel as daisy
from daisy_kernel.io.writing.tiff import write_tiff_folder
from daisy_kernel.model.errors import ParameterRefused, ResultExists

RNG = np.random.default_rng(3)
SLICES = RNG.normal(0.5, 0.1, (5, 32, 48)).astype(np.float32)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("compression", [None, "zlib", "zstd"])
def test_values_can_be_given_back(tmp_path, bits, compression):
    folder = tmp_path / "slices"

    write_tiff_folder(
        folder, SLICES, "slice", bits=bits, scaling=(0, 1), compression=compression,
        units="1/cm",
    )  # fmt: skip

    with daisy.open(folder) as scan:
        pixels, attrs = scan.signal.read(), scan.signal.attrs
    assert pixels.dtype == f"u{bits // 8}"
    values = attrs["offset"] + attrs["scale"] * pixels
    np.testing.assert_allclose(values, SLICES.clip(0, 1), atol=0.51 * attrs["scale"])
    assert attrs["units"] == "1/cm"
    assert "* pixel" in attrs["note"]


def test_the_scaling_is_found_and_written_down(tmp_path):
    folder = tmp_path / "slices"

    write_tiff_folder(folder, SLICES, bits=8)

    note = json.loads((folder / "scaling.json").read_text())
    lo, hi = np.percentile(SLICES, (0.1, 99.9))
    assert note["limits"] == pytest.approx([lo, hi])
    assert note["limits_are"] == "percentiles 0.1 and 99.9 of 5 frames"
    with tifffile.TiffFile(folder / "frame_0003.tif") as tiff:
        assert tiff.is_imagej
        said = tiff.imagej_metadata
        assert said["cf"] == 0
        assert said["c0"] == pytest.approx(lo)
        assert said["c1"] == pytest.approx((hi - lo) / 255)
        assert tiff.asarray().dtype == np.uint8


def test_what_is_no_number_and_what_is_beyond(tmp_path):
    frame = np.array([[np.nan, -np.inf, np.inf], [-5, 5, 0.5]])

    write_tiff_folder(tmp_path / "a", [frame], bits=8, scaling=(0, 1))

    pixels = tifffile.imread(tmp_path / "a" / "frame_0000.tif")
    assert pixels.tolist() == [[0, 0, 255], [0, 255, 128]]


@pytest.mark.parametrize("dtype", ["u1", "u2", ">u2", "i2", "u4", "f4", "f8"])
def test_frames_stay_as_they_are(tmp_path, dtype):
    stack = RNG.integers(0, 100, (3, 9, 7)).astype(dtype)

    write_tiff_folder(tmp_path / "a", iter(stack))

    for number in range(3):
        back = tifffile.imread(tmp_path / "a" / f"frame_{number:04d}.tif")
        np.testing.assert_array_equal(back, stack[number])
    with daisy.open(tmp_path / "a") as scan:
        np.testing.assert_array_equal(scan.signal.read(), stack)
        assert "scale" not in scan.signal.attrs


def test_frames_of_one_value(tmp_path):
    write_tiff_folder(tmp_path / "a", np.full((2, 3, 4), 7.5), bits=16)

    with daisy.open(tmp_path / "a") as scan:
        attrs = scan.signal.attrs
        values = attrs["offset"] + attrs["scale"] * scan.signal.read()
    np.testing.assert_allclose(values, 7.5)


def test_a_failure_leaves_no_folder(tmp_path):
    def frames():
        yield SLICES[0]
        raise RuntimeError("the source is gone")

    with pytest.raises(RuntimeError, match="the source is gone"):
        write_tiff_folder(tmp_path / "a", frames())
    with pytest.raises(ParameterRefused, match="give scaling"):
        write_tiff_folder(tmp_path / "a", iter(SLICES), bits=8)
    with pytest.raises(ParameterRefused, match="rising"):
        write_tiff_folder(tmp_path / "a", SLICES, bits=8, scaling=(1, 0))

    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_stays(tmp_path):
    write_tiff_folder(tmp_path / "a", SLICES)

    with pytest.raises(ResultExists):
        write_tiff_folder(tmp_path / "a", SLICES)

    assert len(list((tmp_path / "a").iterdir())) == 5

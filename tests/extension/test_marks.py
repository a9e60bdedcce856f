"""Masked and saturated pixels of a picture, and the distribution of its values."""

import h5py
import numpy as np
import pytest
from daisy_lab.jobs.distribution import distribution

pytestmark = pytest.mark.service

ROWS, COLUMNS = 40, 60


@pytest.fixture
def detector(raw):
    """A scan of one detector with a mask and a saturation value."""
    path = raw / "detector.nxs"
    frames = np.random.default_rng(3).integers(0, 1000, (4, ROWS, COLUMNS))
    frames[1, 5, 7], frames[1, 20, 30] = 60_000, 50_001
    mask = np.zeros((ROWS, COLUMNS), "u4")
    mask[10:12], mask[20, 30] = 1, 2
    with h5py.File(path, "w") as file:
        file.attrs["default"], entry = "entry", file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data")
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        data["data"] = frames.astype("u2")
        group = entry.create_group("instrument/detector")
        group.attrs["NX_class"] = "NXdetector"
        group["pixel_mask"], group["saturation_value"] = mask, 50_000
    return path, frames, mask != 0


async def test_masked_and_saturated_pixels_are_marked_and_counted(picture, detector):
    path, _, mask = detector
    told, codes = await picture(path=path, index=1, marks=1)
    plain, unmarked = await picture(path=path, index=1)

    assert (told["bad"], told["masked"], told["saturated"]) == (121, 121, 1)
    assert np.array_equal(codes == 0, mask)
    assert np.argwhere(codes == 255).tolist() == [[5, 7]]
    assert (plain["bad"], plain["masked"], plain["saturated"]) == (0, 0, 0)
    assert unmarked.all()


async def test_one_saturated_pixel_is_not_hidden_by_binning(picture, detector):
    path, *_ = detector
    told, codes = await picture(path=path, index=1, marks=1, max="20,30")

    assert told["level"] == 1
    assert np.argwhere(codes == 255).tolist() == [[2, 3]]


async def test_the_mask_belongs_to_rows_and_columns_however_they_lie(picture, detector):
    path, _, mask = detector
    turned, codes = await picture(path=path, axes="2,1", index=1, marks=1)
    cut, rows = await picture(path=path, axes="0,1", index=30, marks=1)
    thin, some = await picture(path=path, axes="1,0", index=30, marks=1, step=2)

    assert np.array_equal(codes == 0, mask.T)
    assert np.array_equal(rows == 0, np.tile(mask[:, 30], (4, 1)))
    assert np.array_equal(some == 0, np.tile(mask[::2, 30, None], (1, 4)))
    assert (turned["masked"], cut["masked"], thin["masked"]) == (121, 12, 8)


async def test_a_part_of_a_picture_counts_its_own_marks(picture, detector):
    path, *_ = detector
    told, codes = await picture(path=path, index=1, marks=1, box="0,11,0,20")

    assert (told["masked"], told["saturated"]) == (20, 1)
    assert codes[5, 7] == 255


KINDS = {  # largest value of the type: is it saturated, or no data?
    "u1": (1, 0),
    "u2": (1, 0),
    "i2": (1, 0),
    "u4": (0, 1),
    "i4": (1, 0),
    "f4": (0, 0),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_end_of_a_counter_is_saturated_by_its_type(picture, raw, kind):
    dtype = np.dtype(kind)
    values = np.arange(48).reshape(6, 8).astype(dtype)
    values[2, 3] = np.finfo(dtype).max if dtype.kind == "f" else np.iinfo(dtype).max
    with h5py.File(raw / "kinds.h5", "w") as file:
        file["data"] = values
    told, _ = await picture(path=raw / "kinds.h5", node="data", marks=1)

    assert (told["saturated"], told["bad"]) == KINDS[kind]


async def test_a_mask_of_another_shape_is_not_applied(picture, detector):
    path, *_ = detector
    with h5py.File(path, "a") as file:
        del file["entry/instrument/detector/pixel_mask"]
        file["entry/instrument/detector/pixel_mask"] = np.ones((3, 3), "u4")
    told, _ = await picture(path=path, index=1, marks=1)
    assert told["masked"] == 0


@pytest.mark.parametrize("scale", ["linear", "log", "sqrt"])
def test_a_distribution_counts_every_value_but_those_far_away(scale):
    frame = np.random.default_rng(1).gamma(5, 20, (200, 300))
    frame[0, 0], frame[1, 1] = 1e9, np.nan
    found = distribution(frame, None, 20.0, 300.0, scale)

    assert found["lo"] < 20
    assert 300 < found["hi"] < 1e5
    good = np.isfinite(frame) & (frame >= found["lo"]) & (frame <= found["hi"])
    assert sum(found["counts"]) == good.sum()


def test_a_distribution_of_nothing_or_of_one_value_has_a_range():
    for frame in (np.full((4, 4), np.nan), np.full((4, 4), 7.0)):
        found = distribution(frame, None, 7.0, 8.0, "linear")
        assert (found["lo"], found["hi"]) == (6.6, 8.4)


def test_masked_pixels_are_not_in_the_distribution():
    frame = np.arange(100, dtype="u4").reshape(10, 10)
    mask = frame > 50
    found = distribution(frame, mask, 0.0, 50.0, "linear")
    declared = distribution(frame, (3.0, 4.0), 0.0, 99.0, "linear")

    assert sum(found["counts"]) == 51
    assert sum(declared["counts"]) == 98


async def test_the_size_of_a_pixel_comes_from_the_detector_if_it_has_units(
    ask, detector
):
    path, *_ = detector
    with h5py.File(path, "a") as file:
        group = file["entry/instrument/detector"]
        group["x_pixel_size"], group["y_pixel_size"] = 75e-6, 0.1
        group["x_pixel_size"].attrs["units"] = "m"
    signal = (await ask("plot", path=path))["signal"]

    assert signal["pixels"] == [None, None, {"size": 75e-6, "units": "m"}]

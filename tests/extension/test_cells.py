"""Binned pictures: what is drawn, told of a pixel, and saved."""

import io

import h5py
import numpy as np
import pytest
import tifffile
from daisy_lab.jobs import cells
from daisy_lab.jobs.cells import Cells
from hypothesis import given
from hypothesis import strategies as st

from daisy_kernel.model.errors import ParameterRefused

NODE = "entry/data/data"
LENGTHS = st.integers(1, 40)
SIZES = st.sampled_from([2, 4, 8])


@st.composite
def parts(draw, length):
    first = draw(st.integers(0, length - 1))
    return slice(first, draw(st.integers(first + 1, length)))


@given(data=st.data(), rows=LENGTHS, columns=LENGTHS, size=SIZES)
def test_cells_of_a_part_are_those_whole_ones_that_it_touches(
    data, rows, columns, size
):
    part = (1, data.draw(parts(rows)), data.draw(parts(columns)))
    frames = np.random.default_rng(0).integers(0, 60_000, (2, rows, columns))
    touched = [
        [k for k in range(n // size) if k * size < p.stop and (k + 1) * size > p.start]
        for n, p in zip((rows, columns), part[1:], strict=True)
    ]

    if not all(touched):
        with pytest.raises(ParameterRefused, match="no whole cell"):
            Cells.of(part, frames.shape, size)
        return
    found = Cells.of(part, frames.shape, size)

    expected = [
        [
            frames[1, r * size : (r + 1) * size, c * size : (c + 1) * size].mean()
            for c in touched[1]
        ]
        for r in touched[0]
    ]
    means = found.means(frames.astype("f8")[found.pixels])
    assert means == pytest.approx(np.array(expected), rel=1e-12)
    one = found.piece((1, touched[0][0], found.selection[2]))
    assert np.array_equal(one.means(frames.astype("f8")[one.pixels]), means[:1])


@given(rows=LENGTHS, columns=LENGTHS, size=SIZES)
def test_the_cells_around_a_part_lie_on_the_grid_and_in_the_frame(rows, columns, size):
    box = (rows // 2, rows, 0, max(columns // 3, 1))
    top, end, left, right = cells.around(box, (rows, columns), size)

    assert top <= box[0]
    assert end >= box[1]
    assert (top % size, left % size) == (0, 0)
    assert end in (rows, -(-rows // size) * size)
    assert right >= box[3]
    assert right <= columns
    assert cells.around(None, (rows, columns), size) == (0, rows, 0, columns)


def test_a_mean_of_large_counts_does_not_overflow():
    frame = np.full((4, 4), 2**31 - 1, "i4")
    found = Cells.of((slice(0, 4), slice(0, 4)), (4, 4), 4)
    assert found.means(frame)[0, 0] == 2**31 - 1
    assert cells.dtype_of(np.dtype(">u2")) == np.float32


@pytest.fixture
def frames(raw):
    with h5py.File(raw / "scan_0001.nxs") as file:
        return file[NODE][:]


@pytest.fixture
def asked(raw):
    return {"path": raw / "scan_0001.nxs", "node": NODE}


def blocks(frame, size):
    rows, columns = (n // size for n in frame.shape)
    whole = frame[: rows * size, : columns * size].astype("f8")
    return whole.reshape(rows, size, columns, size).mean(axis=(1, 3))


@pytest.mark.service
async def test_a_binned_picture_has_the_means_of_its_cells(picture, frames, asked):
    expected = blocks(frames[3], 4)
    lo, hi = float(expected.min()), float(expected.max())
    told, codes = await picture(**asked, index=3, bin=4, max=2048, lo=lo, hi=hi)
    part, _ = await picture(**asked, index=3, bin=4, max=2048, box="5,31,8,20")

    assert (told["level"], told["shape"]) == (2, list(expected.shape))
    steps = 1 + (expected - lo) / (hi - lo) * 254
    assert np.abs(codes.reshape(expected.shape) - steps).max() <= 1
    assert part["box"] == [4, 32, 8, 20]
    assert part["shape"] == [7, 3]


@pytest.mark.service
async def test_a_pixel_of_a_binned_picture_is_the_mean_of_its_cell(ask, frames, asked):
    told = await ask("pixel", **asked, index=2, row=9, column=30, bin=8)
    assert float(told["value"]) == pytest.approx(blocks(frames[2], 8)[1, 3])


@pytest.mark.service
async def test_marked_pixels_are_not_in_the_mean_of_a_cell(ask, raw):
    path = raw / "masked.nxs"
    counts = np.arange(16, dtype="i4").reshape(4, 4)
    counts[0, 0] = -1
    mask = np.zeros((4, 4), "u4")
    mask[0, 1] = 1
    with h5py.File(path, "w") as file:
        file["entry/data/data"], file["entry/data/pixel_mask"] = counts, mask
    told = await ask("pixel", path=path, node=NODE, row=1, column=1, bin=2)
    assert float(told["value"]) == (4 + 5) / 2


@pytest.mark.service
@pytest.mark.parametrize(("selection", "part"), [("", ""), ("1:3", "whole frames")])
async def test_a_binned_stack_is_saved_as_numpy_and_tiff(
    get, frames, asked, selection, part, monkeypatch
):
    monkeypatch.setattr("daisy_lab.handlers.exports.PIECE", 48_000)
    chosen = frames[1:3] if part else frames
    expected = np.stack([blocks(frame, 4) for frame in chosen]).astype("f4")
    wanted = {**asked, "selection": selection, "bin": 4}
    as_numpy = await get("export", **wanted, format="npy")
    as_tiff = await get("export", **wanted, format="tiff")

    assert np.array_equal(np.load(io.BytesIO(as_numpy.body)), expected)
    with tifffile.TiffFile(io.BytesIO(as_tiff.body)) as tiff:
        assert np.array_equal(tiff.asarray(), expected)
        assert "mean of 4 x 4 pixels" in tiff.pages[0].description


@pytest.mark.service
async def test_a_binned_part_is_saved_as_text(get, frames, asked):
    wanted = {**asked, "selection": "3,6:14,0:9", "bin": 4, "format": "csv"}
    text = (await get("export", **wanted)).body.decode()

    assert "scan_0001.nxs[3, 4:16, 0:12], mean of 4 x 4 pixels" in text
    found = np.loadtxt(io.StringIO(text), delimiter=",")
    assert found == pytest.approx(blocks(frames[3], 4)[1:4, 0:3])


@pytest.mark.service
async def test_what_cannot_be_binned_is_refused(refused, asked):
    for wanted, status, said in (
        ({"selection": "3,5", "bin": 4}, 422, "a line has no cells"),
        ({"bin": 3}, 400, "bin is one of 1, 2, 4"),
    ):
        code, told = await refused("export", **asked, **wanted, format="npy")
        assert code == status
        assert said in told["message"]

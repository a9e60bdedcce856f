"""Regions: statistics and profiles from full resolution."""

import math
import statistics as reference

import h5py
import numpy as np
import pytest
from daisy_lab.jobs import regions

SHAPE = (20, 30)


@pytest.mark.parametrize("kind", ["u1", "i2", "u4", "i8", "u8", "f4", "f8"])
def test_statistics_are_those_of_python(kind):
    random = np.random.default_rng(5)
    values = (random.random((9, 11)) * 100).astype(kind)
    if kind in ("i8", "u8"):
        values += values.dtype.type(2**62)
    inside, good = random.random((9, 11)) > 0.4, random.random((9, 11)) > 0.2
    found = regions.statistics(values, inside, good)

    chosen = [v.item() for v in values[inside & good]]
    assert found["count"] == len(chosen)
    assert found["masked"] == (inside & ~good).sum()
    assert found["mean"] == pytest.approx(reference.fmean(chosen))
    assert found["median"] == pytest.approx(reference.median(chosen))
    if kind not in ("i8", "u8"):
        assert found["std"] == pytest.approx(reference.pstdev(chosen))
        assert found["minimum"] == pytest.approx(min(chosen))
    exact = [found["sum"], found["maximum"]]
    if values.dtype.kind in "iu":
        assert [int(v) for v in exact] == [sum(chosen), max(chosen)]
    else:
        assert exact == pytest.approx([sum(chosen), max(chosen)])


@pytest.fixture
def masked_scan(raw):
    path = raw / "regions.nxs"
    frames = np.random.default_rng(7).integers(0, 5000, (3, *SHAPE)).astype("u4")
    frames[:, 2, 3] = 2**32 - 1
    mask = np.zeros(SHAPE, "u4")
    mask[5] = 1
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry")
        data = entry.create_group("data")
        data["data"], data["pixel_mask"] = frames, mask
        data["data"].attrs["units"] = "counts"
    good = (mask == 0) & (frames[1] != 2**32 - 1)
    return path, frames, good


@pytest.mark.service
async def test_a_region_is_described_from_full_resolution(ask, masked_scan):
    path, frames, good = masked_scan
    query = {"path": path, "node": "entry/data/data", "index": 1}
    found = await ask("region", **query, kind="rectangle", points=[1, 2, 8, 20])
    line = await ask(
        "region", **query, kind="line", points=[0.5, 4.5, 19.5, 4.5], width=3
    )
    away = await ask("region", **query, kind="ellipse", points=[100, 100, 120, 120])

    inside = frames[1, 1:8, 2:20][good[1:8, 2:20]]
    assert (found["count"], found["masked"]) == (inside.size, 19)
    assert found["sum"] == inside.sum()
    assert (found["units"], found["profile"]) == ("counts", None)
    column = np.where(good, frames[1], np.nan)[:, 3:6]
    expected = np.nanmean(np.delete(column, 5, axis=0), axis=1)
    assert line["profile"]["y"][5] is None
    assert np.delete(line["profile"]["y"], 5).astype(float) == pytest.approx(expected)
    assert line["profile"]["x"] == pytest.approx(range(20))
    assert (away["count"], away["mean"]) == (0, None)


@pytest.mark.service
async def test_a_region_lies_on_the_axes_that_are_drawn(ask, masked_scan):
    path, frames, _ = masked_scan
    query = {"path": path, "node": "entry/data/data", "kind": "rectangle"}
    cut = await ask("region", **query, axes="0,2", index=9, points=[0, 4, 2, 7])
    turned = await ask("region", **query, axes="2,1", index=1, points=[8, 10, 9, 14])

    assert cut["sum"] == frames[0:2, 9, 4:7].sum()
    assert turned["sum"] == frames[1, 10:14, 8:9].sum()


@pytest.mark.service
async def test_painted_pixels_are_described_however_many_they_are(ask, masked_scan):
    path, frames, good = masked_scan
    runs = [(row, column) for row in range(20) for column in range(row % 2, 30, 2)]
    points = [n for r, c in runs for n in (r, c, r + 1, c + 1)]
    query = {"path": path, "node": "entry/data/data", "index": 1}
    found = await ask("region", **query, kind="pixels", points=points)

    chosen = np.zeros(good.shape, bool)
    chosen[tuple(np.transpose(runs))] = True
    assert found["count"] == np.count_nonzero(chosen & good)
    assert found["sum"] == frames[1][chosen & good].sum()


@pytest.mark.service
async def test_a_wrong_region_is_refused(refused, masked_scan):
    path, *_ = masked_scan
    for wrong in ([1, 2, 3], [1, 2], [1, 2, 3, math.nan], "1,2,3,4"):
        code, told = await refused("region", path=path, kind="line", points=wrong)
        assert code == 400, wrong
        assert "point" in told["message"]

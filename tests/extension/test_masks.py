"""Masks: what they cover, and the files they become."""

import json

import h5py
import numpy as np
import pytest
from tornado.httpclient import HTTPClientError

import daisy_kernel as daisy

SIGNAL = "entry/data/data"
RECTANGLE = {"kind": "rectangle", "points": [10, 20, 30, 60]}


@pytest.fixture
def make(data, jp_fetch):
    """Ask for a mask of a scan."""

    async def make(path, **wanted):
        body = json.dumps({"path": str(path), "node": SIGNAL, **wanted})
        return json.loads(
            (await jp_fetch("daisy", "mask", method="POST", body=body)).body
        )

    return make


@pytest.fixture
def detector(raw):
    """A detector with a mask of its own, and one frame of small numbers."""
    path = raw / "detector.nxs"
    known = np.zeros((50, 80), "u4")
    known[:2] = 1
    with h5py.File(path, "w") as file:
        file["entry/data/data"] = np.arange(2 * 50 * 80, dtype="i4").reshape(2, 50, 80)
        file["entry/data/pixel_mask"] = known
    return path


async def test_regions_bounds_and_the_detectors_mask_are_put_together(make, detector):
    rules = {"drawn": [RECTANGLE], "below": 4000 + 240, "above": 4000 + 3900}
    told = await make(detector, index=[1], rules=rules)

    values = 4000 + np.arange(50 * 80).reshape(50, 80)
    expected = (values < 4240) | (values > 7900)
    expected[10:30, 20:60] = True
    expected[:2] = True
    assert told == {"masked": int(expected.sum()), "pixels": 4000}
    without = await make(detector, index=[1], rules={**rules, "detector": False})
    assert without["masked"] == told["masked"], "the first rows are below as well"
    drawn = await make(detector, rules={"drawn": [RECTANGLE], "detector": False})
    assert drawn["masked"] == 20 * 40


async def test_a_mask_is_saved_as_nexus_and_never_over_another(
    make, detector, jp_root_dir
):
    wanted = {"rules": {"drawn": [RECTANGLE], "detector": False}, "save": True}
    first = await make(detector, **wanted)
    second = await make(detector, **wanted)

    assert first["file"] == "daisy-masks/detector-mask.h5"
    assert second["file"] == "daisy-masks/detector-mask-2.h5"
    with daisy.open(jp_root_dir / first["file"]) as scan:
        pixels = scan.signal[:]
        assert scan.signal.path == "entry/detector/pixel_mask"
    expected = np.zeros((50, 80), "u4")
    expected[10:30, 20:60] = 256  # NXdetector: user defined
    assert np.array_equal(pixels, expected)
    parts = [p.name for p in (jp_root_dir / "daisy-masks").iterdir()]
    assert sorted(parts) == ["detector-mask-2.h5", "detector-mask.h5"]


async def test_a_mask_drawn_on_a_turned_picture_lies_as_the_detector_does(
    make, detector, jp_root_dir
):
    wanted = {"axes": [2, 1], "rules": {"drawn": [RECTANGLE], "detector": False}}
    told = await make(detector, save=True, **wanted)
    with daisy.open(jp_root_dir / told["file"]) as scan:
        pixels = scan.signal[:]
    assert pixels.shape == (50, 80)
    assert pixels[20:60, 10:30].all()
    assert np.count_nonzero(pixels) == 30 * 20  # 20:50 are there of 20:60


async def test_painted_pixels_are_masked_one_by_one(make, detector, jp_root_dir):
    painted = {"kind": "pixels", "points": [4, 7, 5, 8, 5, 6, 6, 9]}
    told = await make(
        detector, rules={"drawn": [painted], "detector": False}, save=True
    )

    with daisy.open(jp_root_dir / told["file"]) as scan:
        pixels = scan.signal[:]
    assert told["masked"] == 4
    assert [tuple(map(int, at)) for at in np.argwhere(pixels)] == [
        (4, 7), (5, 6), (5, 7), (5, 8),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"axes": [0, 2]}, "the last two axes"),
        ({"rules": {"drawn": [{"kind": "star", "points": [1, 2]}]}}, "kind is one of"),
        ({"rules": {"drawn": "all"}}, "a list"),
        ({"rules": {"below": "blue"}}, "blue"),
        ({"node": "entry/absent"}, "absent"),
    ],
)
async def test_what_is_no_mask_is_refused(make, detector, wanted, said):
    with pytest.raises(HTTPClientError) as error:
        await make(detector, **wanted)
    assert error.value.code in (400, 404, 422)
    assert said in json.loads(error.value.response.body)["message"]


async def test_a_mask_is_made_only_of_what_may_be_read(make, tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = np.ones((4, 4))
    with pytest.raises(HTTPClientError) as error:
        await make(secret)
    assert error.value.code == 403

"""A frame through its flat field, and against the same frame of another scan."""

import os

import h5py
import numpy as np
import pytest

KEY = [2, 2, 1, 1, 1, 0, 0, 0, 0, 1]
SIGNAL = "entry/data/data"


@pytest.fixture
def counts():
    random = np.random.default_rng(7)
    frames = random.integers(800, 1200, (len(KEY), 48, 64)).astype("u2")
    frames[:2] = random.integers(90, 110, (2, 48, 64))
    frames[:2, 5, 6] = frames[2:5, 5, 6] = 1000  # a pixel that sees no beam
    return frames


@pytest.fixture
def tomo(raw, counts):
    path = raw / "tomo.nxs"
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data")
        entry["definition"] = "NXtomo"
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        data.attrs["axes"] = ["rotation_angle", ".", "."]
        data["data"] = counts
        data["data"].attrs["units"] = "counts"
        data["image_key"] = KEY
        data["rotation_angle"] = np.linspace(0, 180, len(KEY))
        data["rotation_angle"].attrs["units"] = "degree"
    return path


@pytest.fixture
def transmission(counts):
    dark = counts[:2].astype(float).mean(axis=0)
    flat = counts[2:5].astype(float).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (counts - dark) / (flat - dark)


def values_of(told, codes):
    """Turn 8-bit codes back into values."""
    return told["lo"] + (codes.astype(float) - 1) / 254 * (told["hi"] - told["lo"])


async def test_a_projection_is_shown_through_its_flat_field(
    picture, ask, tomo, transmission
):
    plot = await ask("plot", path=tomo)
    assert plot["signal"]["flat"] is True

    told, codes = await picture(path=tomo, node=SIGNAL, index=6, against="flat")

    expected = transmission[6]
    good = codes > 0
    assert np.argwhere(~good).tolist() == [[5, 6]], "where there is no beam is no value"
    inside = good & (expected > told["lo"]) & (expected < told["hi"])
    step = (told["hi"] - told["lo"]) / 254
    found = values_of(told, codes)
    assert np.abs(found - expected)[inside].max() <= step
    assert inside.sum() > 2000


async def test_a_sinogram_is_shown_through_its_flat_field(picture, tomo, transmission):
    query = {"node": SIGNAL, "index": 20, "axes": "0,2", "against": "flat"}
    told, codes = await picture(path=tomo, **query)

    found = values_of(told, codes)
    expected = transmission[:, 20]
    inside = (expected > told["lo"]) & (expected < told["hi"])
    assert np.abs(found - expected)[inside].max() <= (told["hi"] - told["lo"]) / 254


async def test_value_and_statistics_are_those_of_what_is_shown(ask, tomo, transmission):
    query = {"path": tomo, "node": SIGNAL, "index": 6, "against": "flat"}

    pixel = await ask("pixel", row=3, column=4, **query)
    dead = await ask("pixel", row=5, column=6, **query)
    region = await ask("region", kind="rectangle", points=[10, 10, 20, 30], **query)

    assert float(pixel["value"]) == pytest.approx(transmission[6, 3, 4], rel=1e-6)
    assert pixel["units"] is None
    assert dead["value"] == "nan"
    assert region["mean"] == pytest.approx(transmission[6, 10:20, 10:30].mean())
    assert region["units"] is None


async def test_the_difference_and_the_ratio_of_two_scans(
    picture, ask, tomo, raw, counts
):
    other = raw / "other.nxs"
    divisor = counts[::-1].copy()
    divisor[6, 0, 0] = 0
    with h5py.File(other, "w") as file:
        file["entry/data/data"] = divisor
    query = {"path": tomo, "node": SIGNAL, "index": 6, "other": other}

    told, codes = await picture(against="minus", **query)
    minus = await ask("pixel", row=3, column=4, against="minus", **query)
    over = await ask("pixel", row=3, column=4, against="over", **query)
    nothing = await ask("pixel", row=0, column=0, against="over", **query)

    expected = counts[6].astype(float) - divisor[6]
    inside = (expected > told["lo"]) & (expected < told["hi"])
    found = values_of(told, codes)
    assert told["lo"] < 0 < told["hi"]
    assert np.abs(found - expected)[inside].max() <= (told["hi"] - told["lo"]) / 254
    assert float(minus["value"]) == expected[3, 4]
    assert minus["units"] == "counts"
    assert float(over["value"]) == pytest.approx(counts[6, 3, 4] / divisor[6, 3, 4])
    assert nothing["value"] == "nan"


async def test_what_cannot_be_compared_is_told(refused, ask, tomo, raw, tmp_path):
    with h5py.File(raw / "small.nxs", "w") as file:
        file["entry/data/data"] = np.ones((10, 4, 5), "u2")
        file["short"] = np.ones((2, 48, 64), "u2")
        file["flat"] = np.ones((48, 64), "u2")
    query = {"path": tomo, "node": SIGNAL, "index": 6, "against": "minus"}

    for node, said in (
        ("", "4 x 5"),
        ("short", "no position 6 on axis 0"),
        ("flat", "2 axes"),
        ("absent", "absent"),
    ):
        code, told = await refused(
            "tile", other=raw / "small.nxs", other_node=node, **query
        )
        assert code in (404, 422), told
        assert said in told["message"]
    code, told = await refused("tile", path=raw / "scan_0000.nxs", against="flat")
    assert (code, "no flat fields" in told["message"]) == (422, True)
    assert (await ask("plot", path=raw / "scan_0000.nxs"))["signal"]["flat"] is False

    with h5py.File(tomo, "r+") as file:
        file["small"] = np.ones((10, 4, 5), "u2")
    code, told = await refused("tile", path=tomo, node="small", against="flat")
    assert (code, "do not belong to small" in told["message"]) == (422, True)

    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["entry/data/data"] = np.ones((10, 48, 64))
    code, _ = await refused("tile", other=secret, **query)
    assert code == 403
    code, told = await refused("tile", path=tomo, against="magic")
    assert (code, "flat, minus, over" in told["message"]) == (400, True)


async def test_what_another_file_can_change_has_no_tag(get, tomo, raw):
    for path in (tomo, raw / "scan_0000.nxs"):
        os.utime(path, (1_790_000_000,) * 2)
    query = {"path": tomo, "node": SIGNAL, "index": 6}

    flat = await get("tile", against="flat", **query)
    minus = await get("tile", against="minus", other=tomo, **query)

    assert "Etag" in flat.headers
    assert "Etag" not in minus.headers

"""What is seen as a file for other programs, on a real server."""

import io
import json

import h5py
import numpy as np
import pytest
import tifffile

import daisy_kernel as daisy

pytestmark = [pytest.mark.service, pytest.mark.timeout(120)]

NODE = "entry/data/data"


@pytest.fixture
def scan(raw):
    return raw / "scan_0001.nxs"


@pytest.fixture
def frames(scan):
    with h5py.File(scan) as file:
        return file[NODE][:]


@pytest.fixture
def export(get, scan):
    async def export(selection="", format="npy", path=None, node=NODE, **more):
        asked = {"node": node, "selection": selection, "format": format, **more}
        return await get("export", path=path or scan, **asked)

    return export


async def test_a_frame_and_a_volume_as_numpy_are_exact(export, frames):
    frame = np.load(io.BytesIO((await export("3")).body))
    part = np.load(io.BytesIO((await export("2:5,10:20,7")).body))
    answer = await export()

    assert np.array_equal(frame, frames[3])
    assert np.array_equal(part, frames[2:5, 10:20, 7])
    assert np.array_equal(np.load(io.BytesIO(answer.body)), frames)
    assert "scan_0001_data.npy" in answer.headers["Content-Disposition"]


async def test_a_stack_as_tiff_is_exact_and_every_frame_has_its_entry(export, frames):
    body = (await export(format="tiff")).body

    with tifffile.TiffFile(io.BytesIO(body)) as tiff:
        assert len(tiff.pages) == len(frames)
        assert tiff.imagej_metadata["images"] == len(frames)
        assert np.array_equal(tiff.asarray(), frames)
        assert np.array_equal(tiff.pages[5].asarray(), frames[5])


async def test_pixels_of_8_bits_say_what_they_stand_for(export, frames, tmp_path):
    answer = await export("0:4", "tiff8", lo=50, hi=350)
    file = tmp_path / "frames.tif"
    file.write_bytes(answer.body)

    with daisy.open(file) as scan:
        attrs, pixels = scan.signal.attrs, scan.signal.read()
    values = attrs["offset"] + attrs["scale"] * pixels
    expected = np.clip(frames[:4].astype(float), 50, 350)
    assert pixels.dtype == np.uint8
    assert abs(values - expected).max() <= 300 / 255 / 2 + 1e-9
    assert attrs["units"] == "counts"
    text = tifffile.TiffFile(file).pages[0].description
    assert "source=B7/2026-0042/raw/scan_0001.nxs[0:4, 0:256, 0:384]" in text


async def test_pixels_need_the_ends_of_the_scale(refused, scan):
    asked = {"path": scan, "node": NODE, "format": "tiff16"}
    code, said = await refused("export", **asked)
    assert code == 422
    assert "first and the last" in said["message"]


async def test_a_line_as_text_has_its_axis_and_loses_no_digit(export, scan):
    answer = await export(":", "csv", node="entry/monitor/current")
    text = answer.body.decode()
    x, y = np.loadtxt(io.StringIO(text), delimiter=",").T

    with h5py.File(scan) as file:
        assert np.array_equal(y, file["entry/monitor/current"])
        assert np.array_equal(x, file["entry/monitor/time"])
    assert "# time (s), current (mA)" in text


@pytest.fixture
def curves(raw):
    """Two curves over one axis, one over another, and spectra in a block."""
    path = raw / "curves.nxs"
    random = np.random.default_rng(7)
    with h5py.File(path, "w") as file:
        for name, axis, length in (("near", "energy", 4000), ("far", "time", 50)):
            group = file.create_group(f"entry/{name}")
            group.attrs.update(NX_class="NXdata", signal="mu", axes=axis)
            group[axis] = np.linspace(7000, 7100, length)
            group["mu"] = random.normal(size=length)
            group["mu"].attrs["units"] = "1/cm"
        file["entry/near/energy"].attrs["units"] = "eV"
        file["entry/near/reference"] = random.normal(size=4000).astype("f4")
        file["entry/near/temperature"] = np.arange(4000, 0, -1, "u4")
        file["entry/block"] = random.integers(0, 1000, (6, 5, 40), "u2")
    return path


def asked(path, *drawn, **more):
    listed = [
        {"node": node, "index": index, "label": label} for node, index, label in drawn
    ]
    return {"path": path, "format": "csv", "curves": json.dumps(listed), **more}


def columns(answer):
    return np.loadtxt(io.StringIO(answer.body.decode()), delimiter=",").T


async def test_curves_are_columns_over_one_x_in_the_range_that_is_seen(get, curves):
    drawn = [("entry/near/mu", [], "mu"), ("entry/near/reference", [], "reference")]
    answer = await get(
        "export",
        **asked(curves, *drawn, over="entry/near/mu", within="7020.2,7045", offset=0.5),
    )

    with h5py.File(curves) as file:
        energy = file["entry/near/energy"][:]
        seen = (energy >= 7020.2) & (energy <= 7045)
        first, end = np.flatnonzero(seen)[[0, -1]] + [0, 1]
        x, mu, reference = columns(answer)
        assert np.array_equal(x, energy[seen])
        assert np.array_equal(mu, file["entry/near/mu"][seen])
        assert np.array_equal(reference, file["entry/near/reference"][seen])
    assert answer.body.decode().splitlines()[:5] == [
        "# B7/2026-0042/raw/curves.nxs",
        f"# mu (1/cm): entry/near/mu[{first}:{end}]",
        f"# reference: entry/near/reference[{first}:{end}]",
        "# drawn with an offset of 0.5, not in these numbers",
        "# energy (eV), mu (1/cm), reference",
    ]
    assert "curves_curves.csv" in answer.headers["Content-Disposition"]


async def test_one_curve_has_the_x_that_was_chosen(get, curves):
    wish = asked(curves, ("entry/near/mu", [], "mu"), x="entry/near/temperature")
    text = (await get("export", **wish, within="11,20")).body.decode()

    with h5py.File(curves) as file:
        mu = file["entry/near/mu"][-20:-10]
    x, y = np.loadtxt(io.StringIO(text), delimiter=",").T
    assert np.array_equal(x, np.arange(20, 10, -1))
    assert np.array_equal(y, mu)
    assert "\n20," in text, "a whole number is written as one"
    assert "# temperature, mu (1/cm)" in text


async def test_rows_of_a_block_are_curves_with_the_names_of_the_legend(get, curves):
    drawn = [("entry/block", [4, row], f"axis 1 {row}") for row in (0, 3)]
    answer = await get("export", **asked(curves, *drawn, axis=2))

    with h5py.File(curves) as file:
        block = file["entry/block"][:]
    assert np.array_equal(columns(answer), [np.arange(40), block[4, 0], block[4, 3]])
    text = answer.body.decode()
    assert "# axis 1 3: entry/block[4, 3, 0:40]\n# index, axis 1 0, axis 1 3\n" in text


async def test_curves_that_stand_elsewhere_have_a_pair_of_columns_each(get, curves):
    drawn = [("entry/far/mu", [], "far"), ("entry/near/mu", [], "near")]
    answer = await get("export", **asked(curves, *drawn))

    with h5py.File(curves) as file:
        far = [file["entry/far/time"][:], file["entry/far/mu"][:]]
        near = [file["entry/near/energy"][:], file["entry/near/mu"][:]]
    found = columns(answer)
    assert np.array_equal(found[:2, :50], far)
    assert np.isnan(found[:2, 50:]).all()
    assert np.array_equal(found[2:], near)
    assert "# time, far (1/cm), energy (eV), near (1/cm)\n" in answer.body.decode()


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"x": "entry/far/time"}, 422, "the curve has 4000 points"),
        ({"format": "npy"}, 400, "format=csv"),
        ({"curves": '{"node": 3}'}, 400, "JSON list"),
        ({"curves": "[3]"}, 400, "JSON list"),
        ({"within": "3"}, 400, "two positions"),
        ({"axis": 5}, 422, "no axes 5"),
    ],
)
async def test_a_wrong_wish_for_curves_says_why(refused, curves, wrong, status, said):
    wish = {**asked(curves, ("entry/near/mu", [], "mu")), **wrong}
    code, told = await refused("export", **wish)
    assert code == status
    assert said in told["message"]


async def test_curves_of_too_many_values_say_to_zoom_in(refused, get, raw):
    with h5py.File(raw / "long.h5", "w") as file:
        file["line"], file["other"] = np.zeros(600_000), np.ones(600_000)
    wish = asked(raw / "long.h5", ("line", [], "line"), ("other", [], "other"))
    code, said = await refused("export", **wish)
    assert code == 413
    assert "zoom in" in said["message"]
    assert 'daisy.open("B7/2026-0042/raw/long.h5")["line"]' in said["message"]
    zoomed = await get("export", **wish, within="10,19")
    assert columns(zoomed).shape == (3, 10)


async def test_curves_without_a_source_are_not_written_as_numbers(refused, raw):
    with h5py.File(raw / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout((2, 4), "u2")
        layout[0] = h5py.VirtualSource("absent.h5", "d", (4,))
        file.create_virtual_dataset("d", layout)
    code, said = await refused(
        "export", **asked(raw / "virtual.h5", ("d", [0], "d 0"), ("d", [1], "d 1"))
    )
    assert code == 422
    assert "absent.h5" in said["message"]


async def test_a_picture_as_text_has_its_rows(export, frames):
    text = (await export("3,0:4,0:5", "csv")).body.decode()
    assert np.array_equal(
        np.loadtxt(io.StringIO(text), delimiter=","), frames[3, :4, :5]
    )


async def test_a_part_as_hdf5_keeps_units_axes_and_origin(export, frames, tmp_path):
    body = (await export("2:6,0:100,5", "h5")).body
    (tmp_path / "part.h5").write_bytes(body)

    with h5py.File(tmp_path / "part.h5") as file:
        data = file["entry/data"]
        assert np.array_equal(data["data"], frames[2:6, :100, 5])
        assert data["data"].attrs["units"] == "counts"
        assert list(data.attrs["axes"]) == ["rotation_angle", "."]
        angles = np.linspace(0, 180, 24)[2:6]
        assert np.allclose(data["rotation_angle"], angles)
        assert data["rotation_angle"].attrs["units"] == "deg"
        source = file["entry/source"]
        assert source["file"][()] == b"B7/2026-0042/raw/scan_0001.nxs"
        assert source["selection"][()] == b"2:6, 0:100, 5"
    with daisy.open(tmp_path / "part.h5") as scan:
        assert scan.signal.path == NODE


async def test_the_size_is_told_before(export, ask, scan):
    asked = {"path": scan, "node": NODE, "selection": "0:3", "format": "npy"}
    told = await ask("export", check=1, **asked)
    answer = await export("0:3")
    assert told["size"] == len(answer.body)
    assert told["bytes"] == 3 * 256 * 384 * 2
    assert told["name"] == "scan_0001_data.npy"


async def test_an_export_that_was_broken_off_goes_on(
    export, scan, jp_fetch, monkeypatch
):
    monkeypatch.setattr("daisy_lab.handlers.exports.PIECE", 300_000)
    for format, more in (("npy", {}), ("tiff", {}), ("tiff8", {"lo": 0, "hi": 9})):
        whole = await export(format=format, **more)
        tag = whole.headers["Etag"]
        for start in (5, 300_001, len(whole.body) - 7):
            asked = {"path": str(scan), "node": NODE, "format": format, **more}
            rest = await jp_fetch(
                "daisy",
                "export",
                params={k: str(v) for k, v in asked.items()},
                headers={"Range": f"bytes={start}-", "If-Range": tag},
            )
            assert rest.code == 206
            assert rest.body == whole.body[start:]


async def test_what_is_too_much_for_text_names_the_line_of_code(refused, raw):
    with h5py.File(raw / "long.h5", "w") as file:
        file["line"] = np.zeros(1_000_001)
    asked = {"path": raw / "long.h5", "node": "line", "format": "csv"}
    code, said = await refused("export", **asked)
    assert code == 413
    assert 'daisy.open("B7/2026-0042/raw/long.h5")["line"]' in said["message"]


async def test_missing_sources_are_not_exported_as_numbers(refused, raw):
    with h5py.File(raw / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout((2, 4), "u2")
        layout[0] = h5py.VirtualSource("absent.h5", "d", (4,))
        file.create_virtual_dataset("d", layout)
    asked = {"path": raw / "virtual.h5", "node": "d", "format": "npy"}
    code, said = await refused("export", **asked)
    assert code == 422
    assert "absent.h5" in said["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "exe"},
        {"selection": "24"},
        {"selection": "5:3"},
        {"selection": "a"},
        {"selection": "0,0,0,0"},
        {"format": "tiff", "selection": "3,4"},
        {"format": "csv"},
    ],
)
async def test_a_wrong_wish_is_refused_by_name(refused, scan, wrong):
    asked = {"path": scan, "node": NODE, "format": "npy", **wrong}
    code, said = await refused("export", **asked)
    assert code in (400, 422)
    assert said["message"]


@pytest.mark.parametrize("dtype", ["?", "i1", "u4", "f2", "f8", ">i2", ">f4"])
async def test_every_type_of_pixel_is_told_rightly(export, raw, dtype):
    values = (np.arange(60) % 2 if dtype == "?" else np.arange(60)).reshape(3, 4, 5)
    with h5py.File(raw / "typed.h5", "w") as file:
        file["d"] = values.astype(dtype)
    for format in ("npy", "tiff"):
        asked = {"path": raw / "typed.h5", "node": "d"}
        body = io.BytesIO((await export(format=format, **asked)).body)
        found = np.load(body) if format == "npy" else tifffile.imread(body)
        assert np.array_equal(found, values)


async def test_numbers_with_two_parts_are_for_numpy(export, refused, raw):
    values = np.arange(12).reshape(3, 4) * (1 + 2j)
    with h5py.File(raw / "complex.h5", "w") as file:
        file["d"] = values
    asked = {"path": raw / "complex.h5", "node": "d"}
    found = np.load(io.BytesIO((await export(**asked)).body))
    code, _ = await refused("export", format="tiff", **asked)
    assert np.array_equal(found, values)
    assert code == 422

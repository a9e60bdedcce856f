"""What is seen as a file for other programs, on a real server."""

import io

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

"""Any two axes as a picture, sums over others, and how a dataset is shown first."""

import h5py
import numpy as np
import pytest
from daisy_lab.jobs import sums
from daisy_lab.jobs.progress import listening

import daisy_kernel as daisy

pytestmark = pytest.mark.service

SHAPE = (4, 5, 6, 7)


@pytest.fixture
def volume(raw):
    path = raw / "volume.h5"
    values = np.arange(np.prod(SHAPE), dtype="u2").reshape(SHAPE)
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=values, chunks=(1, 1, 6, 7))
    return path, values


CUTS = {
    "2,3": lambda v: v[1, 2],
    "0,3": lambda v: v[:, 1, 2, :],
    "0,1": lambda v: v[:, :, 1, 2],
    "1,0": lambda v: v[:, :, 1, 2].T,
    "3,2": lambda v: v[1, 2].T,
    "3,0": lambda v: v[:, 1, 2, :].T,
}


def expected_codes(frame, told):
    lo, hi = told["lo"], told["hi"]
    return 1 + 254 * (np.clip(frame.astype(float), lo, hi) - lo) / (hi - lo)


@pytest.mark.parametrize("axes", CUTS)
async def test_any_two_axes_are_a_picture(picture, ask, volume, axes):
    path, values = volume
    frame = CUTS[axes](values)
    query = {"path": path, "node": "data", "axes": axes, "index": "1,2"}
    told, codes = await picture(**query)
    pixel = await ask("pixel", **query, row=3, column=1)

    assert told["full"] == list(frame.shape)
    assert np.abs(codes - expected_codes(frame, told)).max() <= 1
    assert pixel["value"] == str(frame[3, 1])


async def test_a_part_of_a_cut_is_that_part(picture, volume):
    path, values = volume
    query = {"path": path, "node": "data", "axes": "3,0", "index": "1,2"}
    told, codes = await picture(**query, box="2,6,1,3")

    assert told["box"] == [2, 6, 1, 3]
    assert codes.shape == (4, 2)
    frame = values[:, 1, 2, :].T[2:6, 1:3]
    assert np.abs(codes - expected_codes(frame, told)).max() <= 1


async def test_every_second_row_is_a_first_look(picture, volume):
    path, values = volume
    query = {"path": path, "node": "data", "axes": "1,3", "index": "1,2"}
    told, codes = await picture(**query, step=2)

    assert (told["step"], told["full"], codes.shape) == (2, [5, 7], (3, 7))
    frame = values[1, ::2, 2, :]
    assert np.abs(codes - expected_codes(frame, told)).max() <= 1


async def test_a_map_is_the_sum_over_a_region(picture, ask, volume):
    path, values = volume
    query = {"path": path, "node": "data", "axes": "1,0", "sum": "3,2,5", "index": 4}
    told, codes = await picture(**query)
    total = await ask("series", path=path, node="data", axis=3, sum="0,0,4,1,1,3")

    frame = values[:, :, 4, 2:5].sum(-1).T
    assert (told["minimum"], told["maximum"]) == (frame.min(), frame.max())
    assert np.abs(codes - expected_codes(frame, told)).max() <= 1
    assert total["hi"] == values[:, 1:3, 0, :].sum((0, 1)).tolist()


MARKED = {  # type: marks, and what is a count there
    "u4": ([2**32 - 1], [0, 7]),
    "i4": ([-1, -2], [0, 7]),
    "u2": ([], [0, 65535]),
    "i2 with negative counts": ([], [-1, -300]),
}


@pytest.mark.parametrize("kind", MARKED)
async def test_marks_of_bad_pixels_are_no_counts_of_a_map(picture, ask, raw, kind):
    marks, counts = MARKED[kind]
    values = np.resize(counts, (3, 4, 8, 9)).astype(kind[:2])
    for number, mark in enumerate(marks):
        values[:, :, number, 2:5] = mark
    values[1, 2] = marks[0] if marks else values[1, 2]
    good = ~np.isin(values, marks)
    with h5py.File(raw / "marked.h5", "w") as file:
        file.create_dataset("frames", data=values, chunks=(1, 1, 8, 9))
    query = {"path": raw / "marked.h5", "node": "frames"}
    told, codes = await picture(**query, axes="0,1", sum="2,0,8,3,0,9")
    total = await ask("series", **query, axis=3, sum="0,0,3,1,0,4,2,0,8")

    frame = values.sum((2, 3), where=good, dtype="f8")
    assert told["bad"] == bool(marks)
    assert (codes[1, 2] == 0) == bool(marks)
    kept = frame[good.any((2, 3))]
    assert (told["minimum"], told["maximum"]) == (kept.min(), kept.max())
    assert total["hi"] == values.sum((0, 1, 2), where=good, dtype="f8").tolist()


async def test_a_wrong_choice_of_axes_is_refused_by_name(refused, volume):
    path, _ = volume
    for axes in ("0,0", "0,4", "1", "0,1,2"):
        code, told = await refused("tile", path=path, node="data", axes=axes)
        assert code in (400, 422), axes
        assert "axes" in told["message"]
    assert (await refused("tile", path=path, node="data", sum="0,1"))[0] == 400
    code, _ = await refused("tile", path=path, node="data", axes="2,3", sum="3,0,1")
    assert code == 422


async def test_a_cut_that_is_too_large_names_the_line_that_reads_it(refused, raw):
    with h5py.File(raw / "huge.h5", "w") as file:
        shape = (40_000, 3, 40_000)
        file.create_dataset("data", shape, "u2", chunks=(1000, 1, 1000))
    query = {"path": raw / "huge.h5", "node": "data", "axes": "0,2", "index": 1}
    code, told = await refused("tile", **query)
    assert code == 413
    assert 'daisy.open(...)["data"][:, 1]' in told["message"]


async def test_what_no_source_holds_is_marked_and_never_zero(picture, raw):
    layout = h5py.VirtualLayout((4, 6, 8), "u2")
    for frame in range(4):
        name = raw / f"part_{frame}.h5"
        with h5py.File(name, "w") as file:
            file["data"] = np.full((6, 8), 10 + frame, "u2")
        layout[frame] = h5py.VirtualSource(str(name), "data", shape=(6, 8))
    with h5py.File(raw / "master.h5", "w") as file:
        file.create_virtual_dataset("data", layout)
    (raw / "part_2.h5").unlink()
    whole, codes = await picture(path=raw / "master.h5", node="data", index=2)
    cut, rows = await picture(path=raw / "master.h5", node="data", axes="0,2")

    assert whole["missing"] == 48
    assert not codes.any()
    assert cut["missing"] == 8
    assert rows.any(axis=1).tolist() == [True, True, False, True]


# --- how a dataset is shown first

NEXUS = {  # shape, axes, interpretation -> plot, picture, spectral
    "frames": ((3, 8, 9), None, None, "image", [1, 2], None),
    "xrf by its axes": ((3, 4, 99), ["y", "x", "energy"], None, "map", [0, 1], 2),
    "x before y": ((3, 4, 99), ["x", "y", "energy"], None, "map", [1, 0], 2),
    "by interpretation": ((3, 4, 99), None, "spectrum", "map", [0, 1], 2),
    "stxm": ((5, 6, 7), ["energy", "sample_y", "sample_x"], None, "map", [1, 2], 0),
    "image wins": ((5, 6, 7), ["energy", "y", "x"], "image", "image", [1, 2], 0),
    "spectra in a row": ((5, 99), None, "spectrum", "line", [0, 1], 1),
    "colours": ((20, 30, 3), None, "rgb-image", "image", [0, 1], None),
    "two axes": ((5, 99), ["polar_angle", "time_of_flight"], None, "image", [0, 1], 1),
    "tomography of maps": (
        (2, 3, 4, 99), ["theta", ".", ".", "energy"], "spectrum", "map", [1, 2], 3
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NEXUS)
async def test_nexus_decides_what_is_drawn_first(ask, raw, name):
    shape, axes, interpretation, *expected = NEXUS[name]
    with h5py.File(raw / "first.nxs", "w") as file:
        data = file.create_group("entry/data")
        file.attrs["default"], file["entry"].attrs["default"] = "entry", "data"
        data.attrs.update(NX_class="NXdata", signal="data")
        data["data"] = np.ones(shape, "f4")
        if interpretation:
            data["data"].attrs["interpretation"] = interpretation
        if axes:
            data.attrs["axes"] = axes
        for length, axis in zip(shape, axes or (), strict=False):
            if axis != ".":
                data[axis] = np.arange(length)
    signal = (await ask("plot", path=raw / "first.nxs"))["signal"]

    assert [signal["plot"], signal["picture"], signal["spectral"]] == expected


# --- projections

PROJECTED = {
    "max": lambda v, g: np.where(g, v, -np.inf).max(0),
    "mean": lambda v, g: np.average(v, axis=0, weights=g),
    "std": lambda v, g: np.sqrt(
        np.average((v - np.average(v, axis=0, weights=g)) ** 2, axis=0, weights=g)
    ),
    "sum": lambda v, g: (v * g).sum(0),
}


@pytest.mark.parametrize("how", PROJECTED)
@pytest.mark.parametrize("kind", ["u2", "u4", "i4", "f4"])
async def test_a_projection_leaves_out_the_marks_of_bad_pixels(
    picture, ask, raw, how, kind
):
    values = np.random.default_rng(4).integers(1000, 1100, (7, 6, 8)).astype(kind)
    good = np.ones(values.shape, bool)
    if kind in ("u4", "i4"):
        values[2, 3, 4] = 2**32 - 1 if kind == "u4" else -1
        good[2, 3, 4] = False
    with h5py.File(raw / "stack.h5", "w") as file:
        file.create_dataset("data", data=values, chunks=(1, 6, 8))
    query = {"path": raw / "stack.h5", "node": "data", "axes": "1,2"}
    query |= {"sum": "0,1,6", "how": how}
    told, codes = await picture(**query)
    pixel = await ask("pixel", **query, row=3, column=4)
    region = await ask("region", **query, kind="rectangle", points=[3, 4, 4, 5])

    expected = PROJECTED[how](values[1:6].astype(float), good[1:6])
    assert told["minimum"] == pytest.approx(expected.min())
    assert told["maximum"] == pytest.approx(expected.max())
    assert np.abs(codes - expected_codes(expected, told)).max() <= 1
    assert float(pixel["value"]) == pytest.approx(expected[3, 4])
    assert region["mean"] == pytest.approx(expected[3, 4])
    assert told["thinned"] == 1


@pytest.mark.parametrize("size", [1, 100, 2**26])
@pytest.mark.parametrize("how", PROJECTED)
def test_a_projection_is_the_same_in_blocks_of_any_size(raw, monkeypatch, size, how):
    values = np.random.default_rng(4).integers(0, 50, (9, 4, 5)).astype("u4")
    values[3, 1, 2], values[:, 0, 0] = 2**32 - 1, 2**32 - 1
    with h5py.File(raw / "stack.h5", "w") as file:
        file["data"] = values
    monkeypatch.setattr(sums, "BLOCK", size)
    with daisy.open(str(raw / "stack.h5")) as scan:
        parts = (slice(None),) * 3
        found = sums.projection_of_counts(scan["data"], parts, (0,), how)
        across = sums.projection_of_counts(scan["data"], parts, (2,), how)

    good = values < 2**32 - 1
    assert np.argwhere(np.ma.getmaskarray(found)).tolist() == [[0, 0]]
    good[:, 0, 0] = True  # so that there is something to average
    expected = PROJECTED[how](
        np.where(values < 2**32 - 1, values, 0).astype(float), good
    )
    assert found.compressed() == pytest.approx(expected.ravel()[1:])
    turned = np.moveaxis(values, 2, 0)
    sideways = PROJECTED[how](
        np.where(turned < 2**32 - 1, turned, 0).astype(float), turned < 2**32 - 1
    )
    assert across.compressed() == pytest.approx(sideways.ravel())


@pytest.mark.parametrize("dtype", ["u2", "i4", "f4"])
@pytest.mark.parametrize("how", PROJECTED)
def test_a_large_projection_tells_how_far_it_is_and_gives_the_same(
    raw, monkeypatch, how, dtype
):
    values = np.random.default_rng(5).integers(1, 60_000, (23, 4, 5)).astype(dtype)
    with h5py.File(raw / "stack.h5", "w") as file:
        file.create_dataset("data", data=values, chunks=(2, 4, 5))
    heard = []
    with daisy.open(str(raw / "stack.h5")) as scan:
        whole_axis = slice(None)
        for parts, over in [
            ((whole_axis, whole_axis, whole_axis), (0,)),
            ((slice(1, 23, 2), 2, whole_axis), (1,)),
        ]:
            wanted = (scan["data"], parts, over, how)
            whole = sums.projection_of_counts(*wanted)
            with monkeypatch.context() as patch:
                patch.setattr(
                    sums,
                    "_pieces",
                    lambda d, p, f, at, size: [
                        at[i : i + 5] for i in range(0, len(at), 5)
                    ],
                )
                with listening(lambda *told: heard.append(told)):
                    found = sums.projection_of_counts(*wanted)
            if how in ("max", "sum"):
                assert np.array_equal(found, whole)
            else:
                assert np.allclose(found, whole, rtol=1e-12, atol=0)
    assert heard[:6] == [(0, 23), (5, 23), (10, 23), (15, 23), (20, 23), (23, 23)]
    assert heard[-1] == (11, 11)


def test_parts_of_a_projection_hold_whole_chunks(raw):
    with h5py.File(raw / "stack.h5", "w") as file:
        file.create_dataset("data", shape=(100, 64, 64), dtype="u2", chunks=(6, 64, 64))
    with daisy.open(str(raw / "stack.h5")) as scan:
        parts = (slice(None),) * 3
        pieces = sums._pieces(scan["data"], parts, 0, range(100), 20 * 64 * 64 * 2)
    assert [len(piece) for piece in pieces] == [18] * 5 + [10]


async def test_a_projection_of_too_much_takes_every_nth_frame_and_says_so(
    picture, raw, monkeypatch
):
    with h5py.File(raw / "long.h5", "w") as file:
        shape = (3000, 1024, 1024)
        data = file.create_dataset("data", shape, "u2", chunks=(1, 1024, 1024))
        data[0], data[3] = 7, 9
    told, _ = await picture(path=raw / "long.h5", axes="1,2", sum="0,0,3000", how="max")

    assert (told["thinned"], told["step"]) == (3, 1)
    assert told["maximum"] == 9
    assert told["full"] == [1024, 1024]


async def test_a_projection_of_another_kind_is_refused(refused, volume):
    path, _ = volume
    code, told = await refused("tile", path=path, node="data", sum="0,0,4", how="best")
    assert (code, "how is one of sum, max" in told["message"]) == (400, True)

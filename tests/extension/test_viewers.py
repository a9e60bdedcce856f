"""Each viewer in JupyterLab: frames along any axes, curves, maps, slices, tables."""

import json
import re
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
ROWS, COLUMNS, CHANNELS = 6, 8, 200
COMPOUND = np.dtype([("name", "S8"), ("count", "i8")])


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture(scope="module")
def raw(lab, settled):
    folder = lab.data / "B7" / "2026-0042" / "raw"
    write_map(folder / "fluorescence.nxs")
    with h5py.File(folder / "volume.h5", "w") as file:
        z, y, x = np.mgrid[:20, :30, :40]
        file["volume"] = (
            1000 * np.exp(-((z - 5) ** 2 + (y - 20) ** 2) / 50) + x
        ).astype("f4")
    with h5py.File(folder / "mapping.h5", "w") as file:
        spot = np.zeros((3, 4, 16, 24), "u2")
        for row, column in np.ndindex(3, 4):
            spot[row, column, 4 * row + 1, 5 * column + 2] = 100 + row
        file["frames"] = spot + 1
    with h5py.File(folder / "table.h5", "w") as file:
        file["numbers"] = 2**60 + np.arange(1_000_000)
        rows = np.zeros(3, COMPOUND)
        rows["name"], rows["count"] = [b"a", b"b", b"c"], 2**53 + np.arange(1, 4)
        file["compound"] = rows
        file["texts"] = ["first line", "zweite", "第三"]
    write_curves(folder / "curves.nxs")
    return settled(folder)


def write_map(path):
    """Write spectra with one line that is bright in one corner only."""
    counts = np.ones((ROWS, COLUMNS, CHANNELS), "u4")
    counts[..., 40:45] += 50 * np.arange(COLUMNS, dtype="u4")[:, None]
    counts[1, 6, 120:125] += 900
    with h5py.File(path, "w") as file:
        data = file.create_group("entry/data")
        file.attrs["default"], file["entry"].attrs["default"] = "entry", "data"
        data.attrs.update(NX_class="NXdata", signal="counts")
        data.attrs["axes"] = ["y", "x", "energy"]
        data["counts"], data["y"], data["x"] = (
            counts,
            np.arange(ROWS),
            np.arange(COLUMNS),
        )
        data["energy"] = np.arange(CHANNELS) * 50.0
        data["energy"].attrs["units"] = "eV"


def write_curves(path):
    with h5py.File(path, "w") as file:
        data = file.create_group("entry/data")
        file.attrs["default"], file["entry"].attrs["default"] = "entry", "data"
        data.attrs.update(NX_class="NXdata", signal="mu", axes="energy")
        data["energy"] = np.linspace(7000, 8000, 200_000)
        data["mu"] = np.tanh((np.arange(200_000) - 50_000) / 3000)
        data["reference"] = 2 * data["mu"][:][::-1]
        few = file.create_group("entry/few")
        few.attrs.update(NX_class="NXdata", signal="y", axes="x")
        few["x"], few["y"] = np.arange(1, 21.0), np.arange(1, 21.0) ** 2
        few["y_errors"] = np.full(20, 9.0)
        few["temperature"] = np.linspace(300, 280, 20)


def opened(user, name):
    page = user.watched.goto(f"B7/2026-0042/raw/{name}")
    user.view.first.wait_for(timeout=60_000)
    user.view.get_by_role("tablist").wait_for()
    return page


def choose(user, viewer):
    user.view.get_by_role("tab", name=viewer, exact=True).click()


def chosen(user):
    return user.view.locator("[role=tab][aria-selected=true]").inner_text()


def settled(user, part=""):
    user.page.wait_for_function(
        f"() => {{ const v = {user.VIEW}; const all = [v, ...v.querySelectorAll("
        f"'{part}[data-busy]')]; return all.every(e => e.dataset.busy === 'false') }}",
        timeout=20_000,
    )


def indices(watched, **wanted):
    """Positions that tiles were asked for, in the order of asking."""
    found = [u for u in watched.asked("daisy/tile?") if "box" not in u]
    for name, value in wanted.items():
        found = [u for u in found if f"{name}={value}" in u]
    return [re.search(r"index=([^&]*)", url)[1] for url in found]


def test_any_two_axes_and_a_film_that_skips_no_frame(user, watched, raw):
    page = opened(user, "scan_0000.nxs")
    first = user.drawn()
    assert chosen(user) == "Frames"

    user.view.get_by_label("Rows", exact=True).select_option("0")
    cut = user.drawn_anew(first)
    watched.picture("cut")
    assert user.view.locator("input[type=range]").get_attribute("max") == "255"
    assert "axes=0%2C2" in watched.asked("daisy/tile?")[-1]
    user.view.get_by_label("Columns", exact=True).select_option("0")
    user.drawn_anew(cut)
    assert user.view.get_by_label("Rows", exact=True).input_value() == "2"
    user.view.get_by_label("Rows", exact=True).select_option("1")
    user.view.get_by_label("Columns", exact=True).select_option("2")
    user.drawn()

    position = user.view.get_by_label("rotation_angle, position")
    asked = len(watched.requests)
    user.view.get_by_role("button", name="Play rotation_angle").click()
    user.view.get_by_label("Frames per second, at most").select_option("20")
    page.wait_for_function(
        f"() => {user.VIEW}.querySelector('[aria-label$=\", position\"]').value >= 8"
    )
    user.view.get_by_role("button", name="Stop rotation_angle").click()
    user.drawn()
    assert int(position.input_value()) >= 8
    del watched.requests[:asked]
    played = [int(index) for index in indices(watched)]
    assert played == sorted(played)
    assert set(played) >= set(range(max(played[0], 2), 8)), "a frame was skipped"


def test_curves_with_errors_offset_other_axes_and_full_detail(user, watched, raw):
    page = opened(user, "curves.nxs")
    user.charted()
    assert chosen(user) == "Line"
    whole = watched.asked("daisy/series?")
    assert len(whole) == 1

    chart = user.view.locator(".jp-Daisy-chart canvas")
    bounds = chart.bounding_box()
    page.mouse.move(
        bounds["x"] + bounds["width"] / 3, bounds["y"] + bounds["height"] / 2
    )
    with page.expect_request(re.compile(r"daisy/series\?.*from=7\d\d\d.*to=7\d\d\d")):
        for _ in range(4):
            page.mouse.wheel(0, -200)
    user.charted()
    watched.picture("curve-zoomed")

    user.view.get_by_text("More curves").click()
    with page.expect_request(re.compile("reference")):
        user.view.get_by_role("checkbox", name="reference").check()
    user.view.get_by_text("mu", exact=True).last.wait_for()
    user.view.get_by_label("offset").fill("0.5")

    user.view.get_by_label("Dataset", exact=True).select_option("entry/few/y")
    user.charted()
    assert user.view.get_by_label("error bars").is_checked()
    with page.expect_request(
        re.compile(r"daisy/series\?.*x=entry%2Ffew%2Ftemperature")
    ):
        user.view.get_by_label("Dataset of x").select_option("entry/few/temperature")
    user.charted()
    user.view.get_by_label("Scale of y").select_option("log")
    user.charted()
    watched.picture("curve-errors-log")


def saved(user, folder, *names):
    """Save by the menu of exports."""
    page = user.page
    with page.expect_download() as waiting:
        user.view.get_by_role("button", name="Export").click()
        for name in names:
            item = page.locator(".lm-Menu-item", has_text=name).last
            item.hover()
            page.keyboard.press("Enter")
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


def test_curves_are_saved_as_drawn_and_as_the_numbers_of_the_zoomed_range(
    user, watched, raw, tmp_path
):
    page = opened(user, "curves.nxs")
    user.charted()
    bounds = user.view.locator(".jp-Daisy-chart canvas").bounding_box()
    page.mouse.move(
        bounds["x"] + bounds["width"] / 3, bounds["y"] + bounds["height"] / 2
    )
    with page.expect_response(re.compile(r"daisy/series\?.*from=")):
        for _ in range(4):
            page.mouse.wheel(0, -200)
    user.charted()
    picture = saved(user, tmp_path, "Picture")
    (ARTIFACTS / "curve-saved.png").write_bytes(picture.read_bytes())
    watched.picture("curve-to-save")
    table = saved(user, tmp_path, "The range that is zoomed to", "Text")

    near = json.loads(page.request.get(watched.asked("&from=7")[-1]).body())
    first, end = near["inside"]
    assert 0 < first < end < 200_000
    values = np.loadtxt(table, delimiter=",")
    mu = np.tanh((np.arange(200_000) - 50_000) / 3000)[first:end]
    assert np.allclose(values.reshape(end - first, -1)[:, -1], mu)
    with Image.open(picture) as image:
        red, green, blue = (
            np.asarray(image.convert("RGB")).astype(int).transpose(2, 0, 1)
        )
    assert picture.name == "curves_mu.png"
    figure = user.view.locator(".jp-Daisy-chart").bounding_box()
    assert red.shape[1] == 2 * int(figure["width"])
    assert ((blue > 150) & (blue - red > 80) & (blue - green > 30)).sum() > 500
    assert (red[:, :70] + green[:, :70] + blue[:, :70]).min() == 0  # the label of y


def test_all_curves_that_are_drawn_are_saved_as_columns(user, watched, raw, tmp_path):
    page = opened(user, "curves.nxs")
    user.charted()
    user.view.get_by_text("More curves").click()
    with page.expect_response(re.compile(r"daisy/series\?.*reference")):
        user.view.get_by_role("checkbox", name="reference").check()
    user.view.get_by_text("More curves").click()
    user.view.get_by_label("offset").fill("0.5")
    user.charted()
    everything = np.loadtxt(saved(user, tmp_path, "Curves as text"), delimiter=",")
    bounds = user.view.locator(".jp-Daisy-chart canvas").bounding_box()
    page.mouse.move(
        bounds["x"] + bounds["width"] / 3, bounds["y"] + bounds["height"] / 2
    )
    with page.expect_response(re.compile(r"daisy/series\?.*reference.*from=")):
        for _ in range(4):
            page.mouse.wheel(0, -200)
    user.charted()
    user.view.get_by_role("button", name="Export").click()
    page.locator(".lm-Menu-item", has_text="The range that is zoomed").hover()
    page.locator(".lm-Menu-item", has_text="all curves").wait_for()
    watched.picture("curves-to-save")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    zoomed = saved(user, tmp_path, "The range that is zoomed to", "all curves")

    with h5py.File(raw / "curves.nxs") as file:
        names = ("energy", "mu", "reference")
        stored = np.stack([file[f"entry/data/{name}"][:] for name in names])
    assert np.array_equal(everything.T, stored)
    near = json.loads(page.request.get(watched.asked("&from=7")[-1]).body())
    first, end = near["inside"]
    assert 0 < first < end < 200_000
    found = np.loadtxt(zoomed, delimiter=",").T
    assert np.array_equal(found, stored[:, first:end])
    assert "# energy, mu, reference\n" in zoomed.read_text()
    assert "offset of 0.5" in zoomed.read_text()


def test_rows_of_a_picture_are_curves_one_above_the_other(user, watched, raw):
    page = opened(user, "volume.h5")
    user.drawn()
    loaded = len(watched.asked("daisy-lab/static"))
    choose(user, "Line")
    user.charted()
    assert len(watched.asked("daisy-lab/static")) > loaded, "h5web came too early"
    with page.expect_response(re.compile(r"daisy/series\?.*index=0%2C29")):
        user.view.get_by_label("curves at").fill("5, 10:30:19")
    page.wait_for_function(
        f"() => {user.VIEW}.querySelectorAll('.jp-Daisy-legend span').length === 3"
    )
    user.view.get_by_label("offset").fill("20")
    user.charted()
    watched.picture("curves-of-rows")
    with page.expect_request(re.compile(r"daisy/series\?.*axis=0")):
        user.view.get_by_label("Along", exact=True).select_option("0")


def test_a_map_of_a_region_and_the_spectrum_of_a_point(user, watched, raw):
    page = opened(user, "fluorescence.nxs")
    settled(user)
    assert chosen(user) == "Map"
    before = user.drawn()
    assert before["shades"] >= 2

    user.view.get_by_label("First channel of the region").fill("120")
    with page.expect_response(re.compile(r"daisy/tile\?.*sum=2%2C120%2C125")):
        user.view.get_by_label("Last channel of the region").fill("124")
    user.drawn_anew(before)
    settled(user)
    watched.picture("map")
    user.view.get_by_text("sum 5 … 4505").wait_for()

    canvas = user.view.get_by_role("img", name="Map of entry/data/counts")
    box = canvas.bounding_box()
    side = min(box["width"] / COLUMNS, box["height"] / ROWS)
    left = box["x"] + (box["width"] - COLUMNS * side) / 2
    top = box["y"] + (box["height"] - ROWS * side) / 2
    with page.expect_response(re.compile(r"daisy/series\?.*index=1%2C6")):
        page.mouse.click(left + 6.5 * side, top + 1.5 * side)
    user.view.get_by_text("y 1, x 6").wait_for()
    canvas.focus()
    with page.expect_response(re.compile(r"daisy/series\?.*index=2%2C6")):
        page.keyboard.press("ArrowDown")
    user.view.get_by_text("y 2, x 6").wait_for()
    # the K line of iron at 6.4 keV, in channels of 50 eV, as wide as it is seen
    with page.expect_response(re.compile(r"daisy/tile\?.*sum=2%2C126%2C132")):
        user.view.get_by_label("Element").select_option(label="Fe K\u03b1 6.41 keV")

    chart = user.view.locator(".jp-Daisy-mapPoint .jp-Daisy-chart canvas")
    area = chart.bounding_box()
    y = area["y"] + area["height"] / 2
    with page.expect_response(re.compile(r"daisy/tile\?.*sum=2%2C[1-9]")):
        page.mouse.move(area["x"] + area["width"] * 0.2, y)
        page.mouse.down()
        page.mouse.move(area["x"] + area["width"] * 0.3, y, steps=4)
        page.mouse.up()


def test_a_point_of_a_scan_of_frames_shows_its_frame(user, watched, raw):
    page = opened(user, "mapping.h5")
    user.drawn()
    choose(user, "Map")
    settled(user)
    canvas = user.view.get_by_role("img", name="Map of frames")
    canvas.focus()
    with page.expect_response(re.compile(r"daisy/tile\?.*index=1%2C0.*axes=2%2C3")):
        page.keyboard.press("ArrowDown")
    settled(user)
    watched.picture("map-of-frames")
    choose(user, "Frames")
    user.drawn()
    assert user.view.get_by_label("axis 0, position").input_value() == "1"


def test_three_slices_share_one_cross_hair(user, watched, raw):
    page = opened(user, "volume.h5")
    user.drawn()
    choose(user, "Slices")
    slices = user.view.locator(".jp-Daisy-slice canvas")
    assert slices.count() == 3
    settled(user)
    slices.nth(0).focus()
    for key, index in (("ArrowDown", "16"), ("ArrowRight", "21"), ("PageDown", "1")):
        with page.expect_response(re.compile(rf"daisy/tile\?.*index={index}(&|$)")):
            page.keyboard.press(key)
    settled(user)
    watched.picture("slices")
    box = slices.nth(1).bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    with page.expect_response(re.compile(r"daisy/tile\?.*index=10")):
        page.mouse.click(*middle)
    assert user.view.get_by_role("slider", name="axis 2").input_value() == "20"


def test_tables_of_any_size_are_exact_and_light(user, watched, raw):
    page = opened(user, "table.h5")
    choose(user, "Table")
    user.view.get_by_role("cell", name=str(2**60), exact=True).wait_for()
    user.view.get_by_label("Values").focus()
    user.view.get_by_label("Values").evaluate("e => { e.scrollTop = e.scrollHeight }")
    user.view.get_by_role("cell", name=str(2**60 + 999_999), exact=True).wait_for()
    watched.picture("table")
    assert page.evaluate("document.querySelectorAll('*').length") < 2000

    user.data()
    user.look_into("table.h5")
    user.row("compound").click()
    user.view.get_by_role("cell", name=str(2**53 + 1), exact=True).wait_for()
    user.view.get_by_role("columnheader", name="count").wait_for()
    user.row("texts").click()
    user.view.get_by_role("cell", name="第三", exact=True).wait_for()


def test_raw_attributes_of_a_dataset_and_what_is_above(user, watched, raw):
    opened(user, "fluorescence.nxs")
    choose(user, "Attributes")
    user.view.get_by_text("[y, x, energy]").wait_for()
    assert user.view.locator(".jp-Daisy-attributes h3").all_inner_texts() == [
        "entry/data/counts",
        "entry/data",
        "entry",
        "/",
    ]
    watched.picture("attributes")


def test_viewers_are_reached_by_keyboard_and_fit_a_dark_theme(user, watched, raw):
    page = opened(user, "fluorescence.nxs")
    settled(user)
    user.view.get_by_role("tab", name="Map").focus()
    page.keyboard.press("ArrowRight")
    assert chosen(user) == "Table"
    page.keyboard.press("ArrowLeft")
    assert chosen(user) == "Map"
    page.get_by_role("menuitem", name="Settings").click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
    page.get_by_role("menuitem", name="JupyterLab Dark", exact=True).click()
    page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    settled(user)
    watched.picture("map-dark")

"""The Frames viewer in JupyterLab: contrast, marks, regions, links."""

import os
import re
import signal
from pathlib import Path

import h5py
import numpy as np
import pytest

import daisy_kernel as daisy

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

ROWS, COLUMNS = 300, 400
SATURATED = [0, 225, 255]
NO_DATA = [255, 0, 144]

SEEN = """colour => {
  const canvas = [...document.querySelectorAll('.jp-Daisy-canvasArea canvas')]
    .find(c => c.offsetParent);
  const { width, height } = canvas;
  const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    count += colour.every((v, k) => data[i + k] === v) ? 1 : 0;
  }
  return count;
}"""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture(scope="module")
def raw(lab, settled):
    """A detector with a mask, gaps and a saturated spot, twice."""
    folder = lab.data / "B7" / "2026-0042" / "raw"
    for number in range(2):
        write_detector(folder / f"detector_{number}.nxs", number)
    write_flat(folder / "flat.nxs")
    return settled(folder)


def frames(number=0):
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    stack = np.stack([rows + 2 * columns + 100 * k for k in range(5)]) + number
    stack[:, 140:150, 200:210] = 60_000
    return stack.astype("u2")


def write_detector(path, number):
    mask = np.zeros((ROWS, COLUMNS), "u4")
    mask[50:60] = 1
    with h5py.File(path, "w") as file:
        file.attrs["default"], entry = "entry", file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data")
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        data.create_dataset("data", data=frames(number), chunks=(1, ROWS, COLUMNS))
        data["data"].attrs["units"] = "counts"
        group = entry.create_group("instrument/detector")
        group.attrs["NX_class"] = "NXdetector"
        group["pixel_mask"], group["saturation_value"] = mask, 50_000
        for name in ("x_pixel_size", "y_pixel_size"):
            group[name] = 75e-6
            group[name].attrs["units"] = "m"


def opened(user, name, fragment=""):
    user.page.set_default_timeout(15_000)
    page = user.watched.goto(f"B7/2026-0042/raw/{name}{fragment}")
    in_front(page, name)
    user.view.get_by_role("tablist").wait_for()
    user.drawn()
    return page


def in_front(page, name):
    page.wait_for_function(
        "name => document.querySelector('.lm-DockPanel-tabBar .lm-mod-current')"
        "?.innerText.includes(name)",
        arg=name,
        timeout=60_000,
    )


def picture_of(user):
    return user.view.locator(".jp-Daisy-canvasArea canvas")


def bound(user, end):
    return float(
        user.view.get_by_label(f"{end} end of the contrast", exact=True).input_value()
    )


def handle(user, end):
    return user.view.get_by_role("slider", name=f"{end} handle")


def test_contrast_is_dragged_in_the_histogram_and_seen_before_the_answer(
    user, watched, raw
):
    page = opened(user, "detector_0.nxs")
    before = user.drawn()
    top = bound(user, "Upper")
    box = handle(user, "Upper").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    stopped = []

    def hold(route):
        stopped.append(route)

    page.route(re.compile(r"daisy/tile\?"), hold)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 60, middle[1], steps=4)
    local = page.wait_for_function(
        f"old => {{ const p = ({user.PIXELS})(); return p.sum !== old && p }}",
        arg=before["sum"],
    ).json_value()
    assert local["shades"] > 50, "recoloured at once, without the server"
    assert stopped
    page.unroute(re.compile(r"daisy/tile\?"))
    page.mouse.up()
    user.drawn()
    watched.picture("contrast")

    assert bound(user, "Upper") < top
    held = bound(user, "Upper")
    handle(user, "Upper").focus()
    page.keyboard.press("ArrowRight")
    user.drawn()
    assert bound(user, "Upper") > held
    text = handle(user, "Upper").get_attribute("aria-valuetext")
    assert float(text) == bound(user, "Upper")


def test_contrast_is_dragged_on_the_picture_and_kept_for_the_next_scan(
    user, watched, raw
):
    page = opened(user, "detector_0.nxs")
    lo, hi = bound(user, "Lower"), bound(user, "Upper")
    area = picture_of(user).bounding_box()
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x + 100, y, steps=3)
    page.mouse.up(button="right")
    user.drawn()
    wide = bound(user, "Upper") - bound(user, "Lower")
    assert wide > 1.4 * (hi - lo)
    assert not page.locator(".lm-Menu").count()

    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(x, y - 100, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    user.drawn()
    assert bound(user, "Upper") - bound(user, "Lower") < 1.1 * wide
    kept = bound(user, "Lower"), bound(user, "Upper")

    user.view.get_by_role("button", name="Next scan").click()
    in_front(page, "detector_1")
    user.view.get_by_role("tablist").wait_for()
    user.drawn()
    assert (bound(user, "Lower"), bound(user, "Upper")) == kept


def test_masked_and_saturated_pixels_have_colours_that_can_be_switched_off(
    user, watched, raw
):
    page = opened(user, "detector_0.nxs")
    user.view.get_by_text("4000 masked").wait_for()
    user.view.get_by_text("100 saturated").wait_for()
    assert page.evaluate(SEEN, SATURATED) > 50
    assert page.evaluate(SEEN, NO_DATA) > 1000
    with page.expect_response(re.compile(r"daisy/tile\?.*marks=0")):
        user.view.get_by_label("marks").uncheck()
    user.drawn()
    page.wait_for_function(f"colour => !({SEEN})(colour)", arg=SATURATED)
    assert not page.evaluate(SEEN, NO_DATA)


def test_a_link_opens_the_same_view_in_a_fresh_page(user, watched, raw, chromium, lab):
    page = opened(user, "detector_0.nxs")
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    user.view.get_by_label("frame, position").fill("3")
    user.view.get_by_label("Scale", exact=True).select_option("sqrt")
    user.view.get_by_label("Colours").select_option("viridis")
    user.view.get_by_label("Upper end of the contrast", exact=True).fill("900")
    page.keyboard.press("Enter")
    picture_of(user).focus()
    for key in ("+", "+", "]", "r"):
        page.keyboard.press(key)
    shape(user, "rectangle 1").wait_for()
    shown = user.drawn()
    user.view.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{lab.address}/lab/tree/data/B7/2026-0042/raw/detector_0")
    assert "&i=3&" in link

    page.goto("about:blank")
    page.goto(link.replace("#", f"?token={lab.token}&reset#"))
    user.view.get_by_role("tablist").wait_for(timeout=60_000)
    shape(user, "rectangle 1").wait_for()
    user.drawn()
    page.wait_for_function(f"sum => ({user.PIXELS})().sum === sum", arg=shown["sum"])
    assert user.view.get_by_label("frame, position").input_value() == "3"
    assert bound(user, "Upper") == 900
    watched.picture("from-a-link")


def test_a_reloaded_page_shows_what_it_showed_before(user, watched, raw, lab):
    page = opened(user, "detector_0.nxs")
    user.view.get_by_label("frame, position").fill("3")
    user.view.get_by_label("Colours").select_option("viridis")
    page.keyboard.press("Enter")
    shown = user.drawn()
    page.wait_for_function("() => /&i=3&.*map=viridis/.test(location.hash)")

    page.reload()
    user.view.get_by_role("tablist").wait_for(timeout=60_000)
    user.drawn()
    page.wait_for_function(f"sum => ({user.PIXELS})().sum === sum", arg=shown["sum"])
    assert user.view.get_by_label("frame, position").input_value() == "3"

    opened(user, "detector_1.nxs")
    page.wait_for_function("() => /detector_1.nxs#/.test(location.href)")
    assert "&i=3&" not in page.url


def test_a_link_to_a_folder_and_one_that_is_partly_wrong(user, watched, raw, lab):
    page = watched.open()
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    user.data()
    user.row("tiff").click()
    user.drawn()
    user.view.get_by_label("frame, position").fill("4")
    last = user.drawn()
    user.view.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "lab?daisy=" in link

    page.goto("about:blank")
    page.goto(link)
    user.view.get_by_role("tablist").wait_for(timeout=60_000)
    user.drawn()
    assert user.view.get_by_label("frame, position").input_value() == "4"
    assert user.drawn()["sum"] == last["sum"]

    opened(user, "detector_0.nxs", "#i=2&lo=low&map=viridis")
    page.get_by_text("left out: lo=low").first.wait_for()
    assert user.view.get_by_label("frame, position").input_value() == "2"
    assert user.view.get_by_label("Colours").input_value() == "viridis"


def draw(user, tool, *places):
    """Draw with the mouse; places are parts of the area of the picture."""
    page = user.page
    user.view.get_by_role("button", name=tool).click()
    points = [place(user, *at) for at in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[-1], steps=4)
    page.mouse.up()


def place(user, across, down):
    """Where a part of the frame is on the screen: pixels are square."""
    area = picture_of(user).bounding_box()
    zoom = min(area["width"] / COLUMNS, area["height"] / ROWS)
    left = area["x"] + (area["width"] - zoom * COLUMNS) / 2
    top = area["y"] + (area["height"] - zoom * ROWS) / 2
    return left + across * zoom * COLUMNS, top + down * zoom * ROWS


def shape(user, name):
    return user.view.locator(".jp-Daisy-shape", has_text=name)


def item(user, name):
    """The region in the details, once its numbers are there."""
    field = user.page.get_by_label(f"Name of {name}")
    found = user.view.locator(".jp-Daisy-regionItem", has=field)
    found.and_(user.page.locator("[data-busy=false]")).wait_for()
    return found


def statistic(user, name, which):
    row = item(user, name).locator("dt", has_text=re.compile(f"^{which}$"))
    return row.locator("+ dd").get_attribute("title")


def test_a_rectangle_is_drawn_moved_resized_and_taken_back(user, watched, raw):
    page = opened(user, "detector_0.nxs")
    draw(user, "Draw a rectangle", (0.25, 0.5), (0.5, 0.75))
    count = int(statistic(user, "rectangle 1", "pixels"))
    assert abs(count - 75 * 100) < 400

    shape(user, "rectangle 1").focus()
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    mean = float(statistic(user, "rectangle 1", "mean"))
    with page.expect_response(re.compile("daisy/region")):
        page.keyboard.press("Shift+ArrowDown")
    assert int(statistic(user, "rectangle 1", "pixels")) > count
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    before = float(statistic(user, "rectangle 1", "mean"))
    assert mean - before == pytest.approx(40, abs=0.5)

    page.keyboard.press("Control+Shift+z")
    x, y = place(user, 0.5 + 20 / COLUMNS, 0.75)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*place(user, 0.75, 0.9), steps=4)
    page.mouse.up()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.jp-Daisy-regionItem dd')]"
        ".some(e => Number(e.title) > 10000)"
    )
    page.keyboard.press("Delete")
    shape(user, "rectangle 1").wait_for(state="detached")
    user.view.get_by_role("button", name="Undo").click()
    shape(user, "rectangle 1").wait_for()


def test_a_line_has_its_profile_and_a_polygon_ends_with_a_double_click(
    user, watched, raw
):
    page = opened(user, "detector_0.nxs")
    draw(user, "Draw a line", (0.1, 0.48), (0.9, 0.48))
    chart = user.view.locator(".jp-Daisy-profile .jp-Daisy-chart canvas")
    chart.first.wait_for()
    item(user, "line 1").get_by_label("Width of line 1").fill("5")
    item(user, "line 1")
    with page.expect_download() as download:
        item(user, "line 1").get_by_role("button", name="CSV").click()
    table = download.value.path().read_text().splitlines()
    assert table[1] == "distance (pixels),value (counts)"
    assert float(table[2].split(",")[1]) == pytest.approx(143 + 80, abs=4)
    assert max(float(row.split(",")[1]) for row in table[2:]) == 60_000

    user.view.get_by_role("button", name="Draw a polygon").click()
    for corner in ((0.2, 0.6), (0.4, 0.6), (0.4, 0.8)):
        page.mouse.click(*place(user, *corner))
    page.mouse.dblclick(*place(user, 0.2, 0.8))
    count = int(statistic(user, "polygon 2", "pixels"))
    assert abs(count - 80 * 60) < 300
    watched.picture("regions")


def test_regions_are_made_and_reached_by_keyboard(user, watched, raw):
    page = opened(user, "detector_0.nxs")
    picture_of(user).focus()
    page.keyboard.press("l")
    page.keyboard.press("ArrowDown")
    assert user.view.get_by_label("frame, position").input_value() == "0"
    picture_of(user).focus()
    page.keyboard.press("e")
    item(user, "ellipse 2").get_by_label("Name of ellipse 2").fill("beam")
    shape(user, "beam").wait_for()
    user.view.get_by_role("button", name="Draw a polygon").focus()
    page.keyboard.press("Enter")
    assert "polygon 3" in page.evaluate("document.activeElement.ariaLabel")
    page.keyboard.press("?")
    user.view.get_by_role("dialog", name="Keys").wait_for()
    watched.picture("keys")
    page.keyboard.press("Escape")
    assert "polygon 3" in page.evaluate("document.activeElement.ariaLabel")
    page.keyboard.press("Tab")
    assert "Corner 1 of polygon 3" in page.evaluate("document.activeElement.ariaLabel")
    before = corners(user, "polygon 3")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("ArrowRight")
    assert corners(user, "polygon 3")[1:] == before[1:]
    assert corners(user, "polygon 3")[0] != before[0]
    page.keyboard.press("Delete")  # three corners are the fewest
    assert len(corners(user, "polygon 3")) == 3
    page.keyboard.press("Escape")
    assert "polygon 3:" in page.evaluate("document.activeElement.ariaLabel")
    page.keyboard.press("Delete")
    shape(user, "polygon 3").wait_for(state="detached")


def corners(user, name):
    path = shape(user, name).locator(".jp-Daisy-shapeBright").get_attribute("d")
    return path.strip("MZ").split("L")


def test_regions_follow_to_the_next_frame_and_scan_and_are_kept_in_a_file(
    user, watched, raw, lab
):
    page = opened(user, "detector_0.nxs")
    picture_of(user).focus()
    page.keyboard.press("r")
    first = float(statistic(user, "rectangle 1", "mean"))
    with page.expect_response(re.compile(r"daisy/region\?.*index=1")):
        user.view.get_by_label("frame, position").fill("1")
    page.wait_for_function(
        "old => [...document.querySelectorAll('.jp-Daisy-regionItem dd')]"
        ".some(e => Math.abs(Number(e.title) - old - 100) < 12)",
        arg=first,
    )
    user.view.get_by_role("button", name="Save…").click()
    page.get_by_role("button", name="Save", exact=True).click()
    saved = lab.home / "daisy-regions" / "detector_0.json"
    page.get_by_text("Saved as daisy-regions/detector_0.json").first.wait_for()
    text = saved.read_text()
    assert "B7/2026-0042/raw/detector_0.nxs" in text

    user.view.get_by_role("button", name="Save…").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Replace detector_0.json?").wait_for()
    page.get_by_role("button", name="Cancel").click()
    assert saved.read_text() == text

    user.view.get_by_role("button", name="Next scan").click()
    in_front(page, "detector_1")
    shape(user, "rectangle 1").wait_for()
    user.view.get_by_role("button", name="Remove rectangle 1").click()
    user.view.get_by_role("button", name="Load…").click()
    page.get_by_role("button", name="Load", exact=True).click()
    shape(user, "rectangle 1").wait_for()


def test_frames_become_one_and_the_line_of_code_gives_what_is_seen(
    user, watched, raw, lab, monkeypatch
):
    page = opened(user, "detector_0.nxs")
    user.view.get_by_label("Projection").select_option("max")
    user.drawn()
    last = user.view.get_by_label("Last position of the projection")
    last.fill("2")
    with page.expect_response(re.compile(r"daisy/tile\?.*sum=0%2C0%2C3&how=max")):
        last.press("Enter")
    user.drawn()
    picture_of(user).focus()
    for key in ("+", "+", "]", "h", "r"):
        page.keyboard.press(key)
    expected = frames()[:3].max(0)
    assert float(statistic(user, "rectangle 1", "mean")) > 200
    user.drawn()
    watched.picture("projection")

    user.view.get_by_role("button", name="Open in notebook").click()
    page.wait_for_selector(".jp-Notebook")
    source = page.locator(".jp-Notebook .cm-content", has_text="daisy.open").last
    line = source.text_content().strip()  # also while the page is being laid out
    monkeypatch.setenv("DAISY_DATA", str(lab.data))
    found = eval(line, {"daisy": daisy})
    top, end, left, right = box_of(watched)
    seen = np.rot90(expected[top:end, left:right], -1)[:, ::-1]
    assert np.array_equal(found, seen)


def test_a_binned_picture_has_sharp_cells_and_its_line_of_code_gives_them(
    user, watched, raw, lab, monkeypatch
):
    page = opened(user, "detector_0.nxs", "#path=/entry/data/data&box=10,27,4,20")
    user.view.get_by_label("Binning").select_option("4")
    user.view.get_by_text(re.compile("^binned 4 . 4$")).wait_for()
    page.mouse.move(*place_in(user, (10, 27, 4, 20), 13.5, 6.5))
    user.view.get_by_text("row 13, column 6, mean of its cell: 24.5 counts").wait_for()
    user.drawn()
    watched.picture("binned")
    page.wait_for_function("location.hash.includes('&bin=4')")

    monkeypatch.setenv("DAISY_DATA", str(lab.data))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    found = code_of(user, page)
    cells = frames()[0][8:28, 4:20].reshape(5, 4, 4, 4).mean(axis=(1, 3))
    assert np.array_equal(found, cells)


def test_the_code_of_a_region_gives_the_values_that_are_described(
    user, watched, raw, lab, monkeypatch
):
    page = opened(user, "detector_1.nxs", "#path=/entry/data/data&axes=2,1&i=3")
    picture_of(user).focus()
    for key in "erlpb":
        picture_of(user).focus()
        page.keyboard.press(key)
    parts = {
        "ellipse 1": 'mask("ellipse"',
        "rectangle 2": "values = daisy.open",
        "line 3": "profile(frame",
        "polygon 4": 'mask("polygon"',
        "pixels 5": 'mask("pixels"',
    }
    told = {name: float(statistic(user, name, "mean")) for name in parts}
    lines = {}
    for name, part in parts.items():
        user.view.get_by_label(f"Code of {name}").click()
        cell = page.locator(".jp-Notebook .cm-content", has_text=part)
        cell.wait_for()
        # the text of the lines, also of those that are being laid out
        lines[name] = "\n".join(cell.locator(".cm-line").all_text_contents())
        page.locator(".lm-TabBar-tab", has_text="detector_1.nxs").first.click()
    watched.picture("code-of-regions")

    monkeypatch.setenv("DAISY_DATA", str(lab.data))
    for name, text in lines.items():
        found = {"daisy": daisy}
        exec(text, found)
        if name != "line 3":
            assert found["values"].mean() == pytest.approx(told[name]), name
        else:
            assert np.isfinite(found["values"]).all()
            assert found["distance"][0] == 0


def place_in(user, box, row, column):
    """Where a pixel of a part of the frame is on the screen."""
    area = picture_of(user).bounding_box()
    top, end, left, right = box
    zoom = min(area["width"] / (right - left), area["height"] / (end - top))
    middle_x, middle_y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    return (
        middle_x + (column - (left + right) / 2) * zoom,
        middle_y + (row - (top + end) / 2) * zoom,
    )


def test_a_long_projection_says_how_far_it_is_and_can_be_cancelled(
    user, watched, lab, large_stack
):
    large_stack(lab.data / "B7" / "2026-0042" / "raw" / "long_0.h5")
    page = opened(user, "long_0.h5")
    before = user.drawn()
    chosen = user.view.get_by_label("Projection", exact=True)
    chosen.select_option("std")
    bar = user.view.get_by_role("progressbar", name="Reading")
    user.view.get_by_text(re.compile(r"^[1-9]\d* of 1000 frames$")).wait_for()
    for reader in readers(lab):
        os.kill(reader, signal.SIGSTOP)  # as long as somebody looks at it
    watched.picture("progress")
    assert 0 < float(bar.get_attribute("value")) < 1000
    with page.expect_event("requestfailed", lambda r: "daisy/tile" in r.url):
        user.view.get_by_role("button", name="Cancel").click()
    for reader in readers(lab):
        os.kill(reader, signal.SIGCONT)
    assert user.drawn() == before
    assert chosen.input_value() == ""
    assert bar.count() == 0

    chosen.select_option("max")
    user.drawn()
    assert chosen.input_value() == "max"
    assert bar.count() == 0


def readers(lab):
    """The processes of a server that read files."""
    return [
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if b"daisy_lab.worker" in told_by(process / "cmdline")
        and f"\nPPid:\t{lab.process.pid}\n".encode() in told_by(process / "status")
    ]


def told_by(file):
    try:
        return file.read_bytes()
    except OSError:
        return b""  # it has ended meanwhile


def test_details_are_hidden_by_a_key_and_stay_so_in_this_browser(user, raw):
    page = opened(user, "detector_0.nxs")
    panel = user.view.get_by_role("complementary", name="Details")
    panel.wait_for()
    width = picture_of(user).bounding_box()["width"]
    page.keyboard.press("d")
    panel.wait_for(state="hidden")
    assert picture_of(user).bounding_box()["width"] >= width
    opened(user, "detector_1.nxs")
    assert panel.count() == 0
    user.view.get_by_role("button", name="Details").click()
    panel.wait_for()
    picture_of(user).focus()
    page.keyboard.press("D")
    panel.wait_for(state="hidden")


CUT = """view => {
  const { right } = view.getBoundingClientRect();
  const parts = '.jp-Daisy-toolbar *, .jp-Daisy-status, .jp-Daisy-status *';
  return [...view.querySelectorAll(parts)].filter(e => e.offsetParent && (
    e.getBoundingClientRect().right > right + 1 ||
    (e.clientWidth && e.scrollWidth > e.clientWidth + 1)
  )).map(e => e.outerHTML.slice(0, 120));
}"""
# the middles of the rows of controls, and the pairs that lie over each other
ROWS_OF_CONTROLS = """view => {
  const all = [...view.querySelectorAll(
    '.jp-Daisy-toolbar :is(button, select, input, label, code)')]
    .filter(e => e.offsetParent);
  const middles = [];
  for (const e of all) {
    const { top, bottom } = e.getBoundingClientRect();
    const middle = (top + bottom) / 2;
    if (!middles.some(m => Math.abs(m - middle) < 10)) middles.push(middle);
  }
  return middles.length;
}"""
OVERLAPPING = """view => {
  const all = [...view.querySelectorAll(
    '.jp-Daisy-toolbar :is(button, select, input, code), .jp-Daisy-status > span')]
    .filter(e => e.offsetParent).map(e => [e, e.getBoundingClientRect()]);
  return all.flatMap(([e, a], i) => all.slice(i + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 &&
      a.top < b.bottom - 1 && b.top < a.bottom - 1)
    .map(([other]) => [e, other].map(x => x.outerHTML.slice(0, 90))));
}"""


@pytest.mark.parametrize("width", [700, 1000])
def test_a_narrow_view_begins_without_details_and_cuts_no_label(
    user, watched, raw, width
):
    watched.page.set_viewport_size({"width": width, "height": 800})
    opened(user, "detector_0.nxs")
    panel = user.view.get_by_role("complementary", name="Details")
    narrow = user.view.bounding_box()["width"] < 640
    watched.picture(f"narrow-{width}")
    assert panel.count() == (0 if narrow else 1)
    assert user.view.evaluate(CUT) == []
    if narrow:
        user.view.get_by_role("button", name="Details").click()
        panel.wait_for()
        user.drawn()
        watched.picture("narrow-with-details")
        assert user.view.locator(".jp-Daisy-status").evaluate(
            "s => [s, ...s.children].every(e => e.scrollWidth <= e.clientWidth + 1)"
        )


@pytest.mark.parametrize(
    ("width", "rows"), [(450, 6), (550, 4), (600, 4), (800, 4), (1100, 4)]
)
@pytest.mark.parametrize("name", ["detector_0.nxs", "scan_0001.nxs"])
def test_a_view_needs_few_rows_for_its_controls(user, watched, raw, name, width, rows):
    os.utime(raw / name, (1_790_000_000,) * 2)  # nothing is being written
    page = opened(user, name)
    around = 1440 - user.view.bounding_box()["width"]
    page.set_viewport_size({"width": int(width + around), "height": 800})
    panel = user.view.get_by_role("complementary", name="Details")
    panel.wait_for(state="visible" if width > 640 else "detached")
    user.drawn()
    picture_of(user).hover()
    said = user.view.locator(".jp-Daisy-cursor")
    said.get_by_text(re.compile(r"row \d+, column \d+: \d+ counts")).wait_for()
    watched.picture(f"view-{name[:4]}-{width}")

    assert user.view.evaluate(ROWS_OF_CONTROLS) <= rows
    assert user.view.evaluate(CUT) == []
    assert user.view.evaluate(OVERLAPPING) == []


def test_the_icons_of_a_narrow_view_have_names_and_are_reached_by_keyboard(
    user, watched, raw
):
    watched.page.set_viewport_size({"width": 680, "height": 800})
    page = opened(user, "scan_0001.nxs")
    page.locator(".jp-Daisy-view:visible").focus()
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("() => document.activeElement.getAttribute('aria-label')")
        )
    assert reached >= {
        "Use template",
        "Export",
        "Open in notebook",
        "Copy link",
        "Details",
        "Frames",
        "Rows",
        "Columns",
        "Projection",
        "Binning",
        "square pixels",
        "Compared with",
        "each frame",
        "Scale",
        "Colours",
    }

    tab = user.view.get_by_role("tab", name="Frames")
    assert tab.inner_text() == ""
    assert tab.get_attribute("title") == "Frames"
    tab.focus()
    page.keyboard.press("ArrowRight")
    user.view.get_by_role("tab", name="Line", selected=True).wait_for()


def test_frames_are_compared_with_their_flat_field_and_with_another_scan(
    user, watched, raw, lab, monkeypatch
):
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened(user, "detector_1.nxs")
    user.data()
    user.row("flat.nxs").click()
    in_front(page, "flat.nxs")
    user.drawn()
    compared = user.view.get_by_label("Compared with")
    with page.expect_response(re.compile(r"daisy/tile\?.*against=flat")):
        compared.select_option("through the flat field")
    user.drawn()
    assert 0.2 < bound(user, "Lower") < 0.3
    assert 0.45 < bound(user, "Upper") < 0.55
    watched.picture("flat-field")
    monkeypatch.setenv("DAISY_DATA", str(lab.data))
    seen = code_of(user, page)
    dark, beam, projection = flat_frames()[:3].astype(float)
    assert np.allclose(seen, (projection - dark) / (beam - dark))

    user.view.get_by_role("tab", name="Frames").click()
    compared.select_option("minus detector_1.nxs")
    user.drawn()
    watched.picture("difference")
    expected = flat_frames()[2].astype(float) - frames(1)[2]
    assert np.array_equal(code_of(user, page), expected)
    label = picture_of(user).get_attribute("aria-label")
    assert "minus detector_1.nxs" in label


def test_regions_and_bounds_become_a_mask_that_is_saved(user, watched, raw, lab):
    page = opened(user, "detector_0.nxs")
    picture_of(user).focus()
    page.keyboard.press("r")
    user.drawn()
    user.view.locator("summary", has_text="Mask").click()
    own = 10 * COLUMNS
    said = user.view.get_by_text("pixels are masked")
    said.wait_for()
    user.view.get_by_label("pixels in the regions").uncheck()
    user.view.get_by_text(f"{own} of {ROWS * COLUMNS} pixels are masked").wait_for()
    user.view.get_by_label("Mask values above").fill("50000")
    user.view.get_by_text(
        f"{own + 100} of {ROWS * COLUMNS} pixels are masked"
    ).wait_for()
    user.view.get_by_role("button", name="Save mask").click()
    user.view.get_by_text("Saved as").wait_for()
    watched.picture("mask")

    with daisy.open(lab.home / "daisy-masks" / "detector_0-mask.h5") as scan:
        pixels = scan.signal[:]
    expected = np.zeros((ROWS, COLUMNS), bool)
    expected[50:60] = True
    expected[140:150, 200:210] = True
    assert np.array_equal(pixels != 0, expected)


def test_pixels_are_painted_by_pointer_and_by_key_and_become_a_mask(
    user, watched, raw, lab
):
    page = opened(user, "detector_1.nxs", "#path=/entry/data/data&box=100,130,100,140")
    user.view.locator("summary", has_text="Mask").click()
    user.view.get_by_role("button", name="Paint single pixels").click()
    brush = user.view.get_by_role("group", name="Brush")
    down = 5.5 / 30
    page.mouse.move(*place(user, 10.5 / 40, down))
    page.mouse.down()
    page.mouse.move(*place(user, 20.5 / 40, down), steps=3)
    page.mouse.up()
    item(user, "pixels 1").get_by_text("11 pixels painted at row 105").wait_for()
    watched.picture("brush")

    brush.get_by_label("Size of the brush").fill("3")
    brush.get_by_label("rub out").check()
    page.mouse.click(*place(user, 15.5 / 40, down))
    item(user, "pixels 1").get_by_text("8 pixels painted at row 105").wait_for()
    page.keyboard.press("Control+z")
    item(user, "pixels 1").get_by_text("11 pixels painted at row 105").wait_for()
    page.keyboard.press("Control+Shift+z")
    brush.get_by_role("button", name="Done").click()

    shape(user, "pixels 1").focus()
    page.keyboard.press("ArrowDown")
    item(user, "pixels 1").get_by_text("8 pixels painted at row 106").wait_for()
    page.keyboard.press("Tab")
    pen = user.view.get_by_role("button", name=re.compile("^Pen of pixels 1"))
    for key in ("ArrowUp", "Space", "Alt+ArrowDown", "Space", "Alt+ArrowUp", "Space"):
        pen.press(key)
    item(user, "pixels 1").get_by_text("9 pixels painted at row 106").wait_for()
    user.view.get_by_label("the detector's own mask").uncheck()
    user.view.get_by_text(f"9 of {ROWS * COLUMNS} pixels are masked").wait_for()
    user.view.get_by_role("button", name="Save mask").click()
    user.view.get_by_text("Saved as").wait_for()

    with daisy.open(lab.home / "daisy-masks" / "detector_1-mask.h5") as scan:
        pixels = scan.signal[:]
    expected = np.zeros((ROWS, COLUMNS), bool)
    expected[106, [110, 111, 112, 113, 117, 118, 119, 120]] = True
    expected[114, 110] = True
    assert np.array_equal(pixels != 0, expected)


def code_of(user, page):
    """Evaluate what is copied as the code of the picture."""
    user.view.get_by_role("slider").first.focus()
    page.evaluate("navigator.clipboard.writeText('')")
    page.keyboard.press("Alt+c")
    page.wait_for_function("async () => !!(await navigator.clipboard.readText())")
    *before, line = page.evaluate("navigator.clipboard.readText()").splitlines()
    names = {"daisy": daisy}
    exec("\n".join(before), names)
    return eval(line, names)


def flat_frames():
    """A dark frame, a flat one, and projections: a half and a quarter of the beam."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    beam = 1000 + 50 * (columns % 7)
    dark = np.full_like(beam, 100)
    through = dark + (beam - dark) // np.where(rows < ROWS // 2, 2, 4)
    return np.stack([dark, beam, through, through, through]).astype("u2")


def write_flat(path):
    with h5py.File(path, "w") as file:
        file.attrs["default"], entry = "entry", file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data", definition="NXtomo")
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        data.attrs["axes"] = ["rotation_angle", ".", "."]
        data["data"] = flat_frames()
        data["image_key"] = [2, 1, 0, 0, 0]
        data["rotation_angle"] = [0.0, 0.0, 0.0, 90.0, 180.0]
        data["rotation_angle"].attrs["units"] = "degree"


def box_of(watched):
    """The part of the frame that was asked for last."""
    boxes = re.findall(r"box=([\d%C]+)", " ".join(watched.asked("daisy/tile?")))
    return [int(n) for n in boxes[-1].split("%2C")]


def test_a_scale_bar_tells_the_size_and_follows_the_zoom(user, watched, raw):
    page = opened(user, "detector_0.nxs")
    bar = user.view.get_by_role("img", name=re.compile("^Scale: "))
    before = bar.text_content()
    assert before.endswith("mm")
    picture_of(user).focus()
    for _ in range(8):
        page.keyboard.press("+")
    page.wait_for_function(
        "old => document.querySelector('.jp-Daisy-scaleBar text').textContent !== old",
        arg=before,
    )
    watched.picture("scale-bar")

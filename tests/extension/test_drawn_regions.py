"""Regions on a frame: drawn, moved, reached by keyboard, kept."""

import re

import pytest
from detectors import (
    COLUMNS,
    in_front,
    item,
    opened,
    picture_of,
    place,
    shape,
    statistic,
    write_detector,
    write_flat,
)

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]


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


def draw(user, tool, *places):
    """Draw with the mouse; places are parts of the area of the picture."""
    page = user.page
    user.view.get_by_role("button", name=tool).click()
    points = [place(user, *at) for at in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[-1], steps=4)
    page.mouse.up()


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

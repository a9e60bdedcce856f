"""Two scans side by side, moved and looked at together."""

import re

import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

PANEL = ".jp-Daisy-panel"
WIDE = """[...document.querySelectorAll('.jp-Daisy-viewBody')].every(v =>
  v.clientWidth >= 640)"""
# what follows from a width is drawn by then
DRAWN = """() => new Promise(done =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


def test_two_scans_side_by_side_go_to_the_same_frame_part_and_pointer(user, watched):
    page = watched.open()
    user.data()
    user.row("scan_0001.nxs").click()
    user.drawn()
    user.row("scan_0002.nxs").click(button="right")
    page.get_by_role("menuitem", name="Show Beside").click()
    views = page.locator(".jp-Daisy-viewBody:visible")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.jp-Daisy-viewBody[data-busy=false]')]"
        ".filter(e => e.offsetParent).length === 2"
    )
    # half a page each: too narrow for the details, which would name the scans
    first, second = views.all()
    position = "rotation_angle, position"
    first.get_by_label(position).fill("7")
    first.get_by_label(position).press("Enter")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.jp-Daisy-viewBody')]"
        ".filter(e => e.offsetParent).every(v =>"
        " v.querySelector('input[type=range]').value === '7')"
    )
    upper = "Upper end of the contrast"
    assert first.get_by_label(upper, exact=True).input_value() == (
        second.get_by_label(upper, exact=True).input_value()
    )

    picture = second.get_by_role("img", name=re.compile("^entry.data.data"))
    picture.focus()
    zoomed = re.compile(r"daisy/tile\?.*scan_0001.*box=")
    with page.expect_response(zoomed):
        page.keyboard.press("+")
    box = picture.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    watched.picture("beside")
    asked = [url for url in watched.asked("daisy/tile?") if "box=" in url]
    boxes = {re.search(r"box=([\d%C]+)", url)[1] for url in asked}
    assert len(boxes) == 1, "the two show different parts"

    second.get_by_role("button", name="Linked").click()
    first.get_by_role("button", name="Linked").wait_for(state="detached")
    second.get_by_label(position).fill("3")
    second.get_by_label(position).press("Enter")
    user.drawn()
    assert first.get_by_label(position).input_value() == "7"


def test_details_follow_the_width_until_they_are_chosen_by_hand(user, watched):
    page = watched.open()
    user.data()
    user.row("scan_0001.nxs").click()
    user.drawn()
    details = page.get_by_role("complementary", name="Details")
    details.wait_for()
    user.row("scan_0002.nxs").click(button="right")
    page.get_by_role("menuitem", name="Show Beside").click()
    views = page.locator(".jp-Daisy-viewBody:visible")
    views.nth(1).wait_for()
    details.wait_for(state="detached")
    page.wait_for_function(
        "() => document.querySelectorAll('.jp-Daisy-viewBody[data-busy=false]')"
        ".length === 2"
    )
    watched.picture("beside-without-details")

    page.set_viewport_size({"width": 1800, "height": 900})
    page.wait_for_function("n => document.querySelectorAll(n).length === 2", arg=PANEL)
    watched.picture("beside-with-details")
    page.set_viewport_size({"width": 1440, "height": 900})
    details.first.wait_for(state="detached")

    first, second = views.all()
    first.get_by_role("button", name="Details").click()  # by hand, where it is narrow
    second.get_by_role("button", name="Details").click()
    second.get_by_role("button", name="Details").click()
    page.set_viewport_size({"width": 1800, "height": 900})
    page.wait_for_function(f"() => {WIDE}")
    page.evaluate(DRAWN)
    assert [view.locator(PANEL).count() for view in views.all()] == [1, 0]
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_function(f"() => !({WIDE})")
    page.evaluate(DRAWN)
    assert [view.locator(PANEL).count() for view in views.all()] == [1, 0]

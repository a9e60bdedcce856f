"""A view in little room: details, labels, rows of controls."""

import os
import re

import pytest
from detectors import opened, picture_of, write_detector, write_flat

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

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

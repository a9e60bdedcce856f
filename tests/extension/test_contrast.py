"""The contrast of a picture, and the colours of pixels that are no counts."""

import re

import pytest
from detectors import bound, in_front, opened, picture_of, write_detector, write_flat

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

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

"""Frames compared with others, masks that are painted, and the scale bar."""

import re

import numpy as np
import pytest
from detectors import (
    COLUMNS,
    ROWS,
    bound,
    code_of,
    flat_frames,
    frames,
    in_front,
    item,
    opened,
    picture_of,
    place,
    shape,
    write_detector,
    write_flat,
)

import daisy_kernel as daisy

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

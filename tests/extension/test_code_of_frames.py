"""The line of code gives what is seen."""

import re

import numpy as np
import pytest
from detectors import (
    code_of,
    frames,
    opened,
    picture_of,
    statistic,
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


def box_of(watched):
    """The part of the frame that was asked for last."""
    boxes = re.findall(r"box=([\d%C]+)", " ".join(watched.asked("daisy/tile?")))
    return [int(n) for n in boxes[-1].split("%2C")]

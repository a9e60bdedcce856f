"""The data browser in JupyterLab, as a user sees it, in Debian's Chromium."""

import json
import re
import time

import nbformat
import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]


COUNT_DRAWINGS = """() => {
  window.drawings = 0;
  const { prototype } = CanvasRenderingContext2D;
  const original = prototype.drawImage;
  prototype.drawImage = function (...given) {
    window.drawings += this.canvas.isConnected ? 1 : 0;
    original.apply(this, given);
  };
}"""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


def test_from_the_sidebar_to_a_picture_to_the_next_scan_to_a_notebook(
    user, watched, lab
):
    page = watched.open()
    user.data()
    user.row("scan_0001.nxs").click()
    first = user.drawn()
    watched.picture("scan")

    assert first["shades"] > 50, "the canvas is black"
    # what is needed for the first picture, and nothing else
    asked = [
        re.search(r"/daisy/(\w+)", url)[1]
        for url in watched.asked("scan_0001")
        if "/daisy/" in url and "/daisy/thumb" not in url  # that is the sidebar's
    ]
    assert asked[:2] == ["plot", "tile"]
    assert not [
        u
        for u in watched.asked("api/contents")
        if "scan_0001" in u and "content=1" in u
    ]

    user.view.locator("input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    second = user.drawn_anew(first)
    assert second["shades"] > 50
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    sixth = user.drawn_anew(second)
    position = user.view.get_by_label("rotation_angle, position")
    assert position.input_value() == "6"

    low = user.view.get_by_label("Lower end of the contrast")
    high = user.view.get_by_label("Upper end of the contrast")
    low.fill("100")
    low.press("Enter")
    narrow = user.drawn_anew(sixth)
    user.view.get_by_label("Colours").select_option("viridis")
    user.drawn_anew(narrow)
    kept = (low.input_value(), high.input_value())

    user.view.get_by_role("button", name="Next scan").click()
    page.wait_for_function(f"() => {user.VIEW}?.innerText.includes('Rings 2')")
    after = user.drawn()
    assert after["shades"] > 50
    assert "scan_0002.nxs" in user.tab()
    assert user.row("scan_0002.nxs").get_attribute("aria-selected") == "true"
    assert (low.input_value(), high.input_value()) == kept
    assert position.input_value() == "6"
    assert user.view.get_by_label("Colours").input_value() == "viridis"
    assert page.locator(".lm-DockPanel-tabBar", has_text="scan_0001").count() == 0
    watched.picture("next-scan")

    user.view.get_by_role("button", name="Open in notebook").click()
    page.wait_for_selector(".jp-NotebookPanel:visible .jp-Cell")
    folder = lab.data / "B7" / "2026-0042" / "processed" / "notebooks"
    notebook = nbformat.read(folder / "scan_0002.ipynb", as_version=4)
    line = 'daisy.open("B7/2026-0042/raw/scan_0002.nxs")["entry/data/data"][6]'
    assert notebook.cells[-1].source == line

    # with a notebook open, the line goes there
    page.locator(".lm-TabBar-tab", has_text="scan_0002.nxs").click()
    user.view.get_by_label("rotation_angle, position").fill("3")
    user.view.get_by_role("button", name="Open in notebook").click()
    page.locator(
        ".jp-NotebookPanel:visible .jp-Cell", has_text='["entry/data/data"][3]'
    ).wait_for()


def test_keys_change_the_frame_right_after_a_scan_was_opened(user, watched):
    page = watched.open()
    user.data()
    user.row("scan_0001.nxs").click()
    first = user.drawn()
    page.wait_for_function(
        "() => document.activeElement.matches('.jp-Daisy-view')", timeout=20_000
    )

    page.evaluate(COUNT_DRAWINGS)
    page.keyboard.press("PageDown")

    user.drawn_anew(first)
    assert page.evaluate("window.drawings") == 1, "the old frame was drawn again"
    position = user.view.get_by_label("rotation_angle, position")
    assert position.input_value() == "10"


def test_a_link_opens_the_view_and_survives_a_reload(user, watched):
    link = "/tree/data/B7/2026-0042/raw/scan_0000.nxs"
    page = watched.open(link, ready=".jp-Daisy-viewBody")
    page.wait_for_function(f"() => {user.VIEW}?.innerText.includes('Rings 0')")
    assert user.drawn()["shades"] > 50
    page.reload()
    page.wait_for_function(
        f"() => {user.VIEW}?.innerText.includes('Rings 0')", timeout=60_000
    )
    assert user.drawn()["shades"] > 50


def test_a_tree_by_keyboard_with_what_is_missing_and_what_is_damaged(user, watched):
    page = watched.open()
    user.data()
    user.row("2026-0042").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    user.row("entry").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    user.row("gone").wait_for()
    assert "no such file" in user.row("gone").get_attribute("title")
    assert user.row("loop").locator(".jp-Daisy-detail").inner_text()

    for name, cause in (
        ("truncated.h5", "truncated"),
        ("empty.h5", "empty"),
        ("text.h5", "no HDF5"),
        ("mixed", "64 x 81"),
    ):
        user.look_into(name)
        error = page.locator(".jp-Daisy-row.jp-mod-error", has_text=cause)
        error.first.wait_for()
        assert name in error.first.inner_text()
    watched.picture("damaged-files")

    user.row("truncated.h5").click()
    failed = page.locator(".jp-Daisy-failed:visible")
    failed.wait_for()
    assert "truncated" in failed.inner_text()
    user.row("stopped.h5").click()
    page.locator(".jp-Daisy-warnings:visible", has_text="no data").first.wait_for()
    user.row("scan_0001.nxs").click()
    assert user.drawn()["shades"] > 50

    page.get_by_label("Search scans").fill("scan_0000")
    page.wait_for_function(
        "() => document.querySelectorAll('.jp-Daisy-row.jp-mod-scan').length === 1"
    )
    page.get_by_label("Search scans").fill("nothing like it")
    page.locator(".jp-Daisy-row.jp-mod-note").wait_for()
    page.get_by_label("Search scans").fill("")
    user.look_into("2026-0100")
    page.locator(".jp-mod-note", has_text="No scan yet").wait_for()


def test_tiff_lines_and_values(user, watched):
    page = watched.open()
    user.data()
    user.row("tiff").click()
    assert user.drawn()["shades"] > 50
    assert user.view.locator("input[type=range]").get_attribute("max") == "4"

    link = "/tree/data/B7/2026-0042/raw/tiff/tiff_002.tif"
    page.goto(f"{watched.lab.address}/lab{link}")
    user.view.first.wait_for()
    assert user.drawn()["shades"] > 50

    user.data()
    user.row("scan_0001.nxs").click()
    user.drawn()
    user.view.get_by_label("Dataset", exact=True).select_option("entry/monitor/current")
    user.charted()
    user.look_into("scan_0001.nxs")
    user.row("entry").wait_for()
    user.look_into("entry")
    user.row("count").click()
    page.locator(".jp-Daisy-scalar", has_text=str(2**60 + 1)).wait_for()


def test_zoom_pixel_value_and_dark_theme(user, watched):
    page = watched.open()
    user.data()
    user.row("scan_0000.nxs").click()
    whole = user.drawn()
    theme = "JupyterLab Dark"
    page.get_by_role("menuitem", name="Settings").click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
    page.get_by_role("menuitem", name=theme, exact=True).click()
    page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")

    bounds = user.view.locator("canvas").bounding_box()
    middle = (bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] / 2)
    page.wait_for_selector(".lm-Menu", state="hidden")
    said = page.locator(".jp-Daisy-cursor:visible")
    end = time.monotonic() + 20
    while not re.search(r"row 1\d\d.*: \d+ counts", said.inner_text()):
        # without a screen, a pointer that rests is noticed only at the next move
        page.mouse.move(middle[0] + (time.monotonic_ns() // 10**8) % 2, middle[1])
        page.wait_for_timeout(300)
        assert time.monotonic() < end, said.inner_text()
    page.mouse.move(*middle)
    page.mouse.wheel(0, -100)
    near = user.drawn_anew(whole)
    watched.picture("dark")
    page.mouse.dblclick(*middle)
    assert user.drawn_anew(near)["sum"] == whole["sum"]


def test_someone_without_a_proposal_reads_what_to_do(watched, lab):
    proposals = sorted(lab.data.iterdir())
    for beamline in proposals:
        beamline.rename(lab.home / beamline.name)
    try:
        page = watched.open()
        page.get_by_text("not a member of any proposal yet").wait_for()
        page.get_by_text("Ask your beamline scientist to add").wait_for()
        watched.picture("no-proposal")
    finally:
        for beamline in proposals:
            (lab.home / beamline.name).rename(beamline)
    page.get_by_role("button", name="Refresh").click()
    page.get_by_text("scan_0002.nxs").wait_for()


SLOW = (
    "import time\nfor i in range(40):\n    print(i, flush=True)\n    time.sleep(0.25)"
)


def test_closing_the_page_during_a_run_loses_nothing(chromium, user, watched, lab):
    file = lab.home / "long.ipynb"
    cell = nbformat.v4.new_code_cell
    notebook = nbformat.v4.new_notebook(cells=[cell(SLOW), cell("40 + 2")])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, file)
    page = watched.open("/tree/long.ipynb", ready=".jp-Notebook .jp-Cell")
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(".jp-OutputArea-output", has_text="3").first.wait_for()
    page.goto("about:blank")  # no question is asked: the page is gone
    watched.context.close()

    again = type(watched)(chromium, lab)
    page = again.open("/tree/long.ipynb", ready=".jp-Daisy-recording")
    running = page.locator(".jp-Daisy-recording")
    assert "Still running on the server" in running.inner_text()
    again.picture("still-running")
    page.locator(".jp-OutputArea-output", has_text="39").first.wait_for(timeout=40_000)
    page.locator(".jp-OutputArea-output", has_text="42").first.wait_for(timeout=20_000)
    page.locator(".jp-Daisy-recording", has_text="finished while the page").wait_for()
    again.picture("finished-without-the-page")
    assert not again.left
    assert not again.complaints
    again.context.close()

    end = time.monotonic() + 5
    while True:
        cells = json.loads(file.read_text())["cells"]
        if cells[1]["outputs"] or time.monotonic() > end:
            break
    lines = "".join(cells[0]["outputs"][0]["text"]).split()
    assert lines == [str(i) for i in range(40)]
    assert cells[1]["outputs"][0]["data"]["text/plain"] in ("42", ["42"])

"""From what is seen to files and notebooks, in JupyterLab in a browser."""

import h5py
import numpy as np
import pytest
from PIL import Image

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

LINE = 'daisy.open("B7/2026-0042/raw/scan_0001.nxs")["entry/data/data"][5]'


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture
def frames(lab):
    with h5py.File(lab.data / "B7" / "2026-0042" / "raw" / "scan_0001.nxs") as file:
        return file["entry/data/data"][:]


@pytest.fixture
def page(user, watched):
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = watched.goto("B7/2026-0042/raw/scan_0001.nxs")
    user.view.get_by_role("slider", name="rotation_angle").wait_for(timeout=60_000)
    user.drawn()
    user.view.get_by_label("rotation_angle, position").fill("5")
    user.drawn()
    return page


def choose(user, page, *names):
    """Go through the menu by keyboard: the first letters, Enter."""
    button = user.view.get_by_role("button", name="Export")
    button.focus()
    page.keyboard.press("Enter")
    for name in names:
        item = page.locator(".lm-Menu-item", has_text=name).last
        item.wait_for()
        item.hover()
        page.keyboard.press("Enter")


def saved(user, page, folder, *names):
    with page.expect_download() as waiting:
        choose(user, page, *names)
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


def test_the_menu_saves_what_is_shown_and_the_whole(
    user, watched, page, frames, tmp_path
):
    user.view.get_by_role("button", name="Export").click()
    page.locator(".lm-Menu-item", has_text="What is shown (197 kB)").hover()
    page.locator(".lm-Menu-item", has_text="NumPy").wait_for()
    watched.picture("export-menu")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    frame = saved(user, page, tmp_path, "What is shown", "NumPy")
    whole = saved(user, page, tmp_path, "The whole dataset", "8 bit")
    file = saved(user, page, tmp_path, "as it is")

    assert frame.name == "scan_0001_data_5.npy"
    assert np.array_equal(np.load(frame), frames[5])
    assert whole.name == "scan_0001_data_8bit.tif"
    with Image.open(whole) as stack:
        assert stack.n_frames == 24
        assert stack.size == (384, 256)
    original = watched.lab.data / "B7" / "2026-0042" / "raw" / "scan_0001.nxs"
    assert file.read_bytes() == original.read_bytes()


def test_the_picture_has_its_colours_and_their_scale(user, page, tmp_path):
    file = saved(user, page, tmp_path, "Picture")

    assert file.name == "scan_0001_data_5.png"
    with Image.open(file) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert len(np.unique(pixels[60:-20, :-120])) > 50
    assert pixels[0, 0].tolist() == [255, 255, 255]


def test_path_and_code_are_copied_by_menu_and_by_keys(user, page):
    choose(user, page, "Copy path")
    read = "() => navigator.clipboard.readText()"
    path = page.evaluate(read)
    user.view.get_by_role("slider", name="rotation_angle").focus()
    page.keyboard.press("Alt+c")
    page.wait_for_function(
        "async line => (await navigator.clipboard.readText()) === line", arg=LINE
    )
    assert path == "B7/2026-0042/raw/scan_0001.nxs"


def test_what_is_seen_is_dragged_into_a_notebook(user, watched, page):
    user.view.get_by_role("button", name="Open in notebook").click()
    page.wait_for_selector(".jp-NotebookPanel:visible .jp-Cell")
    scan = page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", has_text="scan_0001.nxs")
    # beside each other: the tab is dragged to the left edge
    place = page.locator(".jp-NotebookPanel:visible").bounding_box()
    scan.hover()
    page.mouse.down()
    page.mouse.move(place["x"] + 60, place["y"] + 300, steps=10)
    page.mouse.move(place["x"] + 20, place["y"] + 300, steps=5)
    page.mouse.up()
    user.view.get_by_role("slider", name="rotation_angle").wait_for()
    cells = page.locator(".jp-NotebookPanel:visible .jp-Cell")

    def drag(element, picture):
        before = cells.count()
        element.hover()
        page.mouse.down()
        target = cells.last.bounding_box()
        page.mouse.move(target["x"] + 100, target["y"] + 2, steps=10)
        watched.picture(picture)
        page.mouse.move(target["x"] + 10, target["y"] + 3, steps=3)
        page.mouse.up()
        page.wait_for_function(
            "n => document.querySelectorAll('.jp-NotebookPanel .jp-Cell').length > n",
            arg=before,
        )

    drag(user.view.locator(".jp-Daisy-dragHandle"), "drag")
    assert cells.filter(has_text='["entry/data/data"][5]').count() == 2
    # beside a notebook there is no room for details until they are asked for
    user.view.get_by_role("button", name="Details").click()
    user.view.locator(".jp-Daisy-canvasArea canvas").focus()
    page.keyboard.press("r")
    region = user.view.locator(".jp-Daisy-regionHead .jp-Daisy-dragHandle")
    drag(region, "drag-a-region")
    assert cells.filter(has_text="values = daisy.open").count() == 1
    drag(user.row("scan_0002.nxs"), "drag-from-the-tree")
    assert cells.filter(has_text='daisy.open("B7/2026-0042/raw/scan_0002.nxs")').count()
    assert user.tab() != "scan_0002.nxs", "what is dragged was opened as well"

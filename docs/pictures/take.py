"""Take the pictures of docs/browser.md.

`PYTHONPATH=tests python docs/pictures/take.py [DATA [NAME ...]]`; DATA is the demo
beamtime of `make up`, with one reconstruction in it; NAME one of the functions below.
"""

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labs import CHROMIUM_FLAGS, Lab, chromium_path
from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
DATA = Path(*sys.argv[1:2] or [HERE.parents[1] / ".daisy" / "data"]).resolve()
COLOURS = 200  # of a picture: a page of text needs few


class Camera:
    """A page of JupyterLab, and where its pictures go."""

    def __init__(self, page: Any, lab: Lab) -> None:
        self.page = page
        page.goto(f"{lab.address}/lab?token={lab.token}&reset")
        page.wait_for_selector(".jp-Launcher")
        page.locator(".jp-Daisy-tree [role=treeitem]").first.wait_for()
        page.add_style_tag(content=".jp-Notification, .Toastify {display: none}")

    def open(self, proposal: str, scan: str) -> None:
        """Open a scan from the tree."""
        row = self.row(proposal)
        if row.get_attribute("aria-expanded") == "false":
            row.click()
        self.row(scan).click()
        self.settle()

    def viewer(self, name: str) -> None:
        """Choose how the dataset is shown."""
        self.page.locator(".jp-Daisy-tabs:visible button", has_text=name).click()
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is busy, small pictures included."""
        self.page.wait_for_selector(".jp-Daisy-viewBody:visible")
        self.page.wait_for_function(
            "() => ![...document.querySelectorAll('[data-busy=true]')]"
            ".some(e => e.offsetParent)"
        )
        self.page.wait_for_load_state("networkidle")

    def take(self, name: str) -> None:
        """Write a picture."""
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        shot.quantize(COLOURS).save(HERE / f"{name}.png", optimize=True)

    def row(self, label: str) -> Any:
        """Give a line of the tree."""
        found = self.page.locator(".jp-Daisy-label", has_text=label)
        return self.page.locator("[role=treeitem]", has=found).first


def frames(camera: Camera) -> None:
    """Show a projection; draw regions on it, and the profile of a line."""
    camera.open("2026-0042", "tooth_0001.nxs")
    camera.page.mouse.move(900, 20)
    camera.take("browser")
    view = camera.page.locator(".jp-Daisy-viewBody:visible")
    box = view.locator("canvas").first.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for tool, (dx, dy) in (("Draw a rectangle", (90, 70)), ("Draw a line", (-160, 90))):
        view.get_by_role("button", name=tool, exact=True).click()
        camera.page.mouse.move(middle[0] + dx / 3, middle[1] - dy)
        camera.page.mouse.down()
        camera.page.mouse.move(middle[0] + dx, middle[1] + dy / 2, steps=4)
        camera.page.mouse.up()
        camera.settle()
    chart = camera.page.locator(".jp-Daisy-profile:visible canvas").first
    chart.wait_for()
    camera.page.mouse.move(900, 20)
    camera.settle()
    camera.take("frames")


def card(camera: Camera) -> None:
    """Show what a scan says of itself."""
    camera.row("tooth_0001.nxs").hover()
    camera.page.locator(".jp-Daisy-card img").wait_for()
    camera.take("card")
    camera.page.mouse.move(900, 20)


def slices(camera: Camera) -> None:
    """Three planes of a volume."""
    camera.open("2026-0042", "tooth_0001 · run")
    camera.viewer("Slices")
    camera.take("slices")


def map_of_element(camera: Camera) -> None:
    """Where the iron is."""
    camera.open("2026-0100", "map_0001.nxs")
    element = camera.page.locator(".jp-Daisy-viewBody:visible").get_by_label("Element")
    element.locator("option", has_text="Fe").first.wait_for(state="attached")
    wanted = element.locator("option", has_text="Fe").first.get_attribute("value")
    element.select_option(wanted)
    camera.settle()
    camera.take("map")


def line(camera: Camera) -> None:
    """Show an absorption spectrum."""
    camera.open("2026-0107", "fe_foil.nxs")
    camera.page.locator(".jp-Daisy-chart:visible canvas").first.wait_for()
    camera.settle()
    camera.take("line")


def table(camera: Camera) -> None:
    """Its numbers."""
    camera.viewer("Table")
    camera.take("table")


def attributes(camera: Camera) -> None:
    """Show what is written beside them."""
    camera.viewer("Attributes")
    camera.take("attributes")


def runs(camera: Camera) -> None:
    """Show the run that has made the volume, and the list in the sidebar."""
    camera.page.get_by_role("button", name="Runs", exact=True).click()
    camera.page.locator(".jp-Daisy-runItem", has_text="Tomography volume").click()
    run = camera.page.locator(".jp-Daisy-run:visible")
    run.locator("figure img").wait_for()
    camera.page.mouse.move(900, 20)
    camera.take("runs")


def feed(camera: Camera) -> None:
    """Let the usual rules make previews, and show them."""
    camera.page.locator(".jp-Daisy-sidebar").get_by_label("Feed").click()
    feed = camera.page.locator(".jp-Daisy-feed:visible")
    proposal = feed.get_by_label("Proposal")
    wanted = proposal.locator("option", has_text="2026-0100")
    wanted.wait_for(state="attached")
    proposal.select_option(wanted.get_attribute("value"))
    previews = feed.get_by_role("button", name="Open the result of tomography")
    feed.get_by_role("article", name="quick_0001.h5").wait_for()
    if not previews.count():
        feed.get_by_role("button", name="Write the usual rules").click()
    previews.locator("img").first.wait_for(timeout=120_000)
    camera.page.mouse.move(900, 20)
    camera.page.wait_for_load_state("networkidle")
    camera.take("feed")


PICTURES: tuple[Callable[[Camera], None], ...] = (
    frames,
    card,
    slices,
    map_of_element,
    line,
    table,
    attributes,
    runs,
    feed,
)


def main() -> int:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        lab = Lab(Path(home), DATA).start()
        try:
            browser = playwright.chromium.launch(
                executable_path=chromium_path(), args=CHROMIUM_FLAGS
            )
            size = {"width": 1280, "height": 800}
            camera = Camera(browser.new_page(viewport=size), lab)
            for picture in PICTURES:
                if picture.__name__ in (sys.argv[2:] or picture.__name__):
                    picture(camera)
        finally:
            lab.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

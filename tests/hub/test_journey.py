"""The main job in a real browser: from the login to the saved result.

Log in, look through a scan, open the template, run it on a cluster, close the page,
come back to the finished slices, find the result in the sidebar. The test fails on any
request that leaves the machine and on any error in the browser's console. The journey
is the same where accounts have processes of the machine and where they have containers.
"""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from containers import containers_of
from installations import Installation

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(900)]

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
PROPOSAL = "B7/2026-0042"
# shades of grey on the visible canvas or picture: a black one has one
CANVAS_SHADES = """() => {
  const canvas = [...document.querySelectorAll('.jp-Daisy-viewBody canvas')]
    .find(c => c.offsetParent);
  if (!canvas) return 0;
  const { width, height } = canvas;
  const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  return new Set(data.filter((_, i) => i % 4 === 0)).size;
}"""
PICTURE_SHADES = """picture => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const context = canvas.getContext('2d');
  context.drawImage(picture, 0, 0);
  const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(data.filter((_, i) => i % 4 === 0)).size;
}"""


class Traveller:
    """A browser with pages that remember what they asked for and complained about."""

    def __init__(self, playwright, place: Installation) -> None:
        found = shutil.which("chromium")
        assert found, "chromium is not on PATH: apt-get install chromium"
        flags = [
            "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run",
        ]  # fmt: skip
        self.address = place.address
        self.profile = "docker" if place.in_containers else "local"
        self._launch = lambda: playwright.chromium.launch(
            executable_path=found, args=flags
        )
        self.left, self.complaints = [], []
        self.open()

    def open(self, **remembered) -> None:
        """Start the browser, with what it remembers of before."""
        self.browser = self._launch()
        self.context = self.browser.new_context(
            viewport={"width": 1440, "height": 900}, **remembered
        )

    def close(self) -> dict:
        """End the browser with all its pages; return what it remembers."""
        state = self.context.storage_state()
        self.browser.close()
        return {"storage_state": state}

    def new_page(self):
        page = self.context.new_page()
        page.set_default_timeout(60_000)
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _asked(self, request) -> None:
        own = self.address, self.address.replace("http", "ws", 1), "data:", "blob:"
        if not request.url.startswith(own):
            self.left.append(request.url)

    def _said(self, message) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location}")

    def picture(self, page, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"journey-{self.profile}-{name}.png")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("demo_installation", id="local"),
        pytest.param("docker_installation", id="docker", marks=pytest.mark.container),
    ],
)
def place(request: pytest.FixtureRequest) -> Installation:
    """Where one travels: to the demo beamtime of either profile."""
    return request.getfixturevalue(request.param)


LOCALLY = pytest.mark.parametrize(
    "place", [pytest.param("demo_installation", id="local")], indirect=True
)


@pytest.fixture
def traveller(place: Installation) -> Iterator[Traveller]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        traveller = Traveller(playwright, place)
        yield traveller
        traveller.browser.close()


def row(page, name: str):
    """The sidebar's row of that name."""
    label = page.locator(".jp-Daisy-label", has_text=re.compile(f"^{re.escape(name)}"))
    return page.locator("[role=treeitem]", has=label).first


def outputs(traveller: Traveller, page, address: str) -> str:
    """Return what the cells printed, from the saved notebook."""
    path = address.partition("/lab/tree/")[2]
    answer = page.request.get(f"{traveller.address}/user/anna/api/contents/{path}")
    cells = answer.json()["content"]["cells"]
    found = [o for cell in cells for o in cell.get("outputs", [])]
    assert not [o for o in found if o["output_type"] == "error"]
    return "".join("".join(o.get("text", "")) for o in found)


def scroll_to(page, locator, *, up: bool = False) -> None:
    """Scroll the notebook, which keeps only what is near in the page."""
    page.mouse.move(900, 600)
    for _ in range(60):
        if locator.count() and locator.first.is_visible():
            locator.first.scroll_into_view_if_needed()
            return
        page.mouse.wheel(0, -400 if up else 400)
        page.wait_for_timeout(100)
    raise AssertionError(f"not found in the notebook: {locator}")


def test_from_the_login_to_the_saved_result(traveller, place):
    processed = Path(place.facts["data"]) / PROPOSAL / "processed"
    runs_before = set(processed.glob("tooth_0001/run_*"))
    page = traveller.new_page()

    log_in_and_spawn(traveller, page, place.password("anna"))
    look_through_a_scan(traveller, page)
    address = run_the_template(traveller, page)
    remembered = traveller.close()
    workers = wait_for_a_run(processed, runs_before, place)
    traveller.open(**remembered)
    page = come_back(traveller, address)
    see_the_slices(traveller, page)
    (run,) = set(processed.glob("tooth_0001/run_*")) - runs_before
    find_the_result(traveller, page, run.name)

    assert workers == (["anna", "anna"] if place.in_containers else [])
    assert traveller.left == []
    assert traveller.complaints == []


def log_in_and_spawn(traveller: Traveller, page, password: str) -> None:
    page.goto(traveller.address)
    traveller.picture(page, "1-login")
    page.get_by_label("Username").fill("anna")
    page.locator("#password_input").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/lab**")
    page.wait_for_selector(".jp-Launcher")
    assert page.get_by_text("Tomography, from projections to slices").count() > 0
    traveller.picture(page, "2-launcher")


def look_through_a_scan(traveller: Traveller, page) -> None:
    """Open it in the sidebar, with which a first visit begins, and move the slider."""
    row(page, "2026-0042").click()
    row(page, "tooth_0001.nxs").click()
    page.wait_for_function(f"() => ({CANVAS_SHADES})() > 50")
    position = page.get_by_label("rotation_angle, position")
    page.locator(".jp-Daisy-viewBody:visible").locator("input[type=range]").focus()
    before = int(position.input_value())
    assert before > 0, "a scan begins with its first projection, not with a dark"
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert int(position.input_value()) == before + 3
    position.fill("120")
    position.press("Enter")
    page.wait_for_function(f"() => ({CANVAS_SHADES})() > 50")
    page.wait_for_timeout(500)  # for the picture's sake only
    traveller.picture(page, "3-scan")


def run_the_template(traveller: Traveller, page) -> str:
    """Start the template with this scan filled in; return the notebook's address."""
    page.get_by_role("button", name="Use template").click()
    page.wait_for_selector(".jp-NotebookPanel:visible .jp-Cell")
    page.get_by_text("DAISY | Idle").wait_for()
    assert f"{PROPOSAL}/processed/notebooks" in page.url
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.get_by_text("DAISY | Busy").wait_for()
    page.wait_for_timeout(3000)  # some outputs are in the page, others are to come
    traveller.picture(page, "4-running")
    return page.url


def wait_for_a_run(
    processed: Path, before: set[Path], place: Installation
) -> list[str]:
    """Wait for a result; return whose containers worked on it at once at most."""
    most: list[str] = []
    limit = time.monotonic() + 240
    while {v.parent for v in processed.glob("tooth_0001/run_*/volume.h5")} <= before:
        assert time.monotonic() < limit, "the run did not go on without its page"
        if place.in_containers:
            most = max(most, containers_of(place, "worker"), key=len)
        time.sleep(1)
    return most


def come_back(traveller: Traveller, address: str):
    """Open the notebook in a new page: every output is there and saved."""
    page = traveller.new_page()
    page.goto(address)
    page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for()
    page.get_by_text("DAISY | Idle").wait_for()
    limit = time.monotonic() + 60
    while "saved /" not in (said := outputs(traveller, page, address)):
        assert time.monotonic() < limit, said
        time.sleep(1)
    assert "running on gateway with 2 workers" in said
    (axis,) = re.findall(r"axis by slices: ([\d.]+) columns", said)
    assert abs(float(axis) - 250.3) <= 0.1
    return page


def see_the_slices(traveller: Traveller, page) -> None:
    notebook = page.locator(".jp-NotebookPanel:visible")
    scroll_to(page, notebook.get_by_text(re.compile(r"^saved .*volume\.h5")))
    scroll_to(page, notebook.locator(".jp-OutputArea canvas"), up=True)
    traveller.picture(page, "5-histogram")
    scroll_to(page, notebook.get_by_text("daisy.view(volume)"), up=True)
    page.wait_for_timeout(500)  # for the picture's sake only
    slices = notebook.locator(".jp-OutputArea img:visible").last
    assert slices.evaluate(PICTURE_SHADES) > 50
    traveller.picture(page, "6-slices")


def find_the_result(traveller: Traveller, page, run: str) -> None:
    if not page.locator(".jp-Daisy-label:visible").count():
        page.get_by_role("tab", name="Data").click()
    if not row(page, "tooth_0001.nxs").is_visible():
        row(page, "2026-0042").click()
    result = page.locator("[role=treeitem]", has_text=run).first
    result.wait_for()
    result.click()
    page.wait_for_function(f"() => ({CANVAS_SHADES})() > 50")
    page.wait_for_timeout(500)  # for the picture's sake only
    traveller.picture(page, "7-result")


@LOCALLY
def test_a_wrong_password_is_refused_on_the_page(traveller):
    page = traveller.new_page()
    page.goto(traveller.address)
    page.get_by_label("Username").fill("anna")
    page.locator("#password_input").fill("wrong")

    page.get_by_role("button", name="Sign in").click()

    page.get_by_text("Invalid username or password").wait_for()


@LOCALLY
@pytest.mark.parametrize(
    "link",
    [
        "lab/tree/data/B4/2026-0100/raw/quick_0001.h5#path=/exchange/data&i=7",
        "lab?daisy=data%2FB4%2F2026-0100%2Fraw%2Fprojections_0001#path=/data&i=7",
    ],
    ids=["file", "folder"],
)
def test_a_shared_link_shows_the_same_to_another_one_who_logs_in(
    traveller, place, link
):
    page = traveller.new_page()
    page.goto(f"{traveller.address}/hub/user-redirect/{link}")
    page.get_by_label("Username").fill("ben")
    page.locator("#password_input").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Invalid username or password").wait_for()
    page.get_by_label("Username").fill("ben")
    page.locator("#password_input").fill(place.password("ben"))
    page.get_by_role("button", name="Sign in").click()

    position = page.get_by_label(re.compile("(theta|frame), position"))
    # what was open the last time is there too, behind it
    position = position.locator("visible=true")
    position.wait_for()
    page.wait_for_function(f"() => ({CANVAS_SHADES})() > 50")
    traveller.picture(page, "shared-link")
    assert position.input_value() == "7"
    assert "/user/ben/" in page.url
    assert traveller.left == []

"""Runs and the feed in JupyterLab, and the feed on a wall, as a user sees them."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from beamtimes import wait_for
from flows import broken, slowly

import daisy_kernel as daisy
from daisy_kernel.demo import tomography as demo

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

TESTS = str(Path(__file__).parents[1])
PROPOSAL = "data/B7/2026-0042"
SETUP = demo.Setup(46, 16, 96, 45.2, flats=3, darks=3)
# enough for a loaded machine; 5 s and 30 s are the aim, where nothing else runs
SOON, LATER = 30_000, 120_000


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Let runners import the tests' algorithms, also those that the server starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", TESTS)
        yield


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


def test_a_new_scan_comes_into_the_feed_with_its_picture_and_its_slice(
    user, watched, lab
):
    page = watched.open()
    user.data()
    page.locator(".jp-Daisy-sidebar").get_by_label("Feed").click()
    feed = page.locator(".jp-Daisy-feed:visible")
    feed.get_by_text("Nothing is run for new scans yet").wait_for()
    feed.get_by_role("button", name="Write the usual rules").click()
    feed.get_by_text("Nothing is run").wait_for(state="detached")

    demo.write_nxtomo(lab.data / "B7/2026-0042/raw/tomo.nxs", SETUP, 1, "small")

    scan = feed.get_by_role("article", name="tomo.nxs")
    scan.get_by_role("button", name="Open tomo.nxs").locator("img").wait_for(
        timeout=SOON
    )
    result = scan.get_by_role("button", name="Open the result of tomography")
    result.locator("img").wait_for(timeout=LATER)
    scan.get_by_text("done in").wait_for()
    failed = feed.locator(".jp-Daisy-problem").first
    failed.wait_for(timeout=LATER)  # scans without flat fields
    assert len(failed.inner_text()) > 20
    watched.picture("feed")

    # what one reads stays where it is
    second = feed.get_by_role("article", name="scan_0001.nxs")
    second.evaluate("article => article.scrollIntoView()")
    before = second.bounding_box()["y"]
    late = lab.data / "B7/2026-0042/raw/late.h5"
    with h5py.File(late, "w") as file:
        file["entry/start_time"] = "2027-01-01T00:00:00"
        file["entry"].attrs["NX_class"] = "NXentry"
    newest = feed.get_by_role("status")
    page.wait_for_function(
        "s => s.innerText.includes('late.h5')", arg=newest.element_handle()
    )
    assert feed.get_by_role("article").first.get_attribute("aria-label") == "late.h5"
    assert abs(second.bounding_box()["y"] - before) < 2

    result.click()
    page.wait_for_function(f"() => {user.VIEW}?.innerText.includes('Tomography slice')")
    assert user.drawn()["shades"] > 20
    assert user.tab().startswith("volume")

    page.goto(f"{lab.address}/daisy/feed-page?proposal={PROPOSAL}")
    scan = page.locator("article", has=page.get_by_role("heading", name="tomo.nxs"))
    scan.locator("a img").nth(1).wait_for()
    assert scan.get_by_text("done in").count() == 1
    link = scan.locator("a").first.get_attribute("href")
    assert link == f"../lab/tree/{PROPOSAL}/raw/tomo.nxs"
    watched.picture("feed-on-a-wall")


def test_a_running_run_is_seen_and_stopped_and_its_line_goes_to_a_notebook(
    user, watched, lab
):
    folder = lab.data / "B7/2026-0042/processed/slow"
    frames = np.ones((64, 256, 256), "f4")
    slow = {"slowly.seconds": 4.0}
    run = daisy.submit(
        slowly, folder=folder, frames=frames, parameters=slow, note="at night"
    )
    wait_for(lambda: run.state == "running")

    page = watched.open()
    user.data()
    page.get_by_role("button", name="Runs", exact=True).click()
    listed = page.locator(".jp-Daisy-runItem", has_text="Take its time")
    listed.get_by_role("progressbar").wait_for()
    listed.click()
    shown = page.locator(".jp-Daisy-run:visible")
    shown.get_by_role("progressbar").wait_for()
    assert shown.get_by_text("running,").count() == 1
    assert shown.get_by_text("at night").count() == 1
    watched.picture("running")
    shown.get_by_role("button", name="Stop").click()
    shown.get_by_text("stopped after").wait_for()
    assert run.state == "stopped"
    assert shown.get_by_role("button", name="Stop").count() == 0
    listed.get_by_text("stopped after").wait_for()

    shown.get_by_role("button", name="Edit note").click()
    shown.get_by_label("Note").fill("the good one")
    shown.get_by_role("button", name="Save").click()
    shown.get_by_text("the good one").wait_for()
    assert run.note == "the good one"
    shown.get_by_text("This run was stopped").wait_for()
    shown.get_by_role("button", name="Go on").click()
    shown.get_by_role("progressbar").wait_for()
    listed.get_by_role("progressbar").wait_for()
    wait_for(lambda: run.state == "running")
    shown.get_by_role("button", name="Stop").click()
    shown.get_by_text("stopped after").wait_for()

    shown.get_by_role("button", name="Open in notebook").click()
    line = f'daisy.Run("B7/2026-0042/processed/slow/{run.name}")'
    page.locator(".jp-NotebookPanel:visible .jp-Cell", has_text=line).wait_for()


def test_a_failed_run_says_what_failed_and_shows_its_log(user, watched, lab):
    folder = lab.data / "B7/2026-0042/processed/broken"
    run = daisy.submit(broken, folder=folder, frames=np.ones((4, 8, 8), "f4"))
    wait_for(lambda: run.state == "failed")

    page = watched.open()
    user.data()
    page.get_by_role("button", name="Runs", exact=True).click()
    page.locator(".jp-Daisy-runItem", has_text="failed after").first.click()
    told = page.locator(".jp-Daisy-run:visible").get_by_role("alert")
    told.get_by_text("broken failed: ValueError: no such lens").wait_for()
    assert "AlgorithmFailed" not in told.inner_text()
    told.get_by_role("button", name="Show the log").click()
    log = page.locator(".jp-Daisy-runLog:focus")
    assert "Traceback" in log.inner_text()
    assert log.evaluate("box => box.getBoundingClientRect().top < innerHeight")
    watched.picture("failed")


def test_the_feed_on_a_wall_asks_for_nothing_while_it_is_hidden(watched, lab):
    page = watched.page
    asked = []
    page.on("request", lambda r: "/daisy/feed?" in r.url and asked.append(r.url))
    address = f"{lab.address}/daisy/feed-page?proposal={PROPOSAL}&token={lab.token}"
    page.goto(address)
    page.get_by_role("article").first.wait_for()

    hide = """hidden => {
      Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(hide, True)
    before = len(asked)
    page.wait_for_timeout(4000)  # two looks, where somebody looked
    assert len(asked) == before
    page.evaluate(hide, False)
    wait_for(lambda: page.wait_for_timeout(50) or len(asked) > before)

"""Runs in a sandbox: on the gateway's cluster, and when what is around them ends."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest
from kernels import Notebook
from labs import CHROMIUM_FLAGS, chromium_path

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
FLOW = """
import time
from typing import Any
import numpy as np
import numpy.typing as npt

@daisy.algorithm(pattern="frame")
def slowly(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    time.sleep(0.5)
    return frames * np.float32(2)

@daisy.algorithm(pattern="point", reduces=0, finish=lambda total, n: total / n)
def average(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return frames.sum(axis=0, dtype=np.float64)

flow = daisy.Workflow("slow", [slowly, average])
frames = np.ones((64, 64, 1024), "f4")
quiet = lambda progress: None
"""
SCAN = "B7/2026-0042/raw/tooth_0001.nxs"


@pytest.fixture
def notebook(demo_installation, log_in) -> Iterator[Notebook]:
    found = Notebook(demo_installation, log_in(demo_installation, "anna"))
    found.stop_clusters()
    found.run(FLOW)
    yield found
    found.stop_clusters()


def test_a_notebooks_workflow_gives_the_same_bits_on_its_cluster(notebook):
    said = notebook.run(
        "flow2 = daisy.apps.tomography.slices(rows=(40, 56), axis=255.0)\n"
        f"here = daisy.run(flow2, {SCAN!r}, show=quiet, folder='here')\n"
        "gateway = {'name': 'gateway', 'workers': 2}\n"
        f"there = daisy.run(flow2, {SCAN!r}, show=quiet, folder='there',"
        " engine=gateway)\n"
        "a, b = here['volume'].read(), there['volume'].read()\n"
        "print(here == there, np.array_equal(a, b), a.shape, there.record.engine)\n"
    )

    assert said.splitlines()[-1].startswith("False True (16, ")
    assert "gateway" in said


def test_a_killed_worker_costs_its_blocks_and_not_the_run(notebook):
    notebook.run("engine = daisy.engine('gateway', workers=2)\n"
                 "engine.client.wait_for_workers(2, timeout=60)")  # fmt: skip
    end = notebook.start(
        "run = daisy.run(flow, folder='killed', engine=engine, show=quiet,"
        " frames=frames)\n"
        "print(run.state, np.allclose(run['average'].read(), 2 * frames.mean(0)))"
    )
    time.sleep(0.5)
    os.kill(notebook.worker(), signal.SIGKILL)

    assert end().splitlines()[-1] == "done True"
    notebook.run("engine.close()")


def test_a_submitted_run_goes_on_when_its_kernel_is_killed(notebook):
    folder = notebook.run(
        "run = daisy.submit(flow, folder='alone', frames=frames)\n"
        "while not run.progress.done: time.sleep(0.05)\n"
        "print(run.folder)"
    )
    notebook.end()

    other = Notebook(notebook.installation, notebook.anna)
    said = other.run(
        f"run = daisy.Run({folder!r}).wait(60)\nprint(run.state, run['average'].shape)"
    )

    assert said == "done (64, 1024)"


def test_an_interactive_run_goes_on_in_the_next_kernel(notebook):
    begin = "daisy.run(slowly, folder='again', show=quiet, frames=frames)"
    threading.Thread(target=notebook.run, args=(begin,)).start()
    other = Notebook(notebook.installation, notebook.anna)
    other.run(FLOW)
    other.run(
        "while not [r for r in daisy.runs('again') if r.progress.done]:\n"
        "    time.sleep(0.1)"
    )
    notebook.end()

    said = other.run(
        "run = daisy.run(slowly, folder='again', show=quiet, frames=frames)\n"
        "step = run.progress.steps['slowly']\n"
        "print(len(daisy.runs('again')), run.state, 0 < step.reused < step.of)"
    )

    assert said == "1 done True"


# one frame after the other, whatever the number of cores, and each is noted: so that
# the run's length is known, and work done twice is seen
NOTED = """
import fcntl, time
import numpy as np
import numpy.typing as npt

@daisy.algorithm(pattern="frame")
def noted(
    frames: npt.NDArray[np.float32], *, seconds: float = 0.1
) -> npt.NDArray[np.float32]:
    with open("/home/anna/noted.txt", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        time.sleep(seconds * len(frames))
        file.writelines(f"{frame[0, 0]:.0f}\\n" for frame in frames)
    return frames * np.float32(2)

frames = np.arange(COUNT, dtype="f4")[:, None, None] * np.ones((1, 512, 512), "f4")
"""
COUNT = 96
IDLE = 12
LOOK = 60  # a server looks once a minute whether it is idle


@pytest.fixture(scope="module")
def impatient(spare_installation):
    """An installation whose servers end when they are idle for seconds."""
    spare_installation.up()
    assert spare_installation.make("down").returncode == 0
    file = spare_installation.home / "state" / "settings.toml"
    file.write_text(file.read_text() + f"server_idle_seconds = {IDLE}\n")
    spare_installation.up()
    spare_installation.let_members_write("B4/2026-0100")
    return spare_installation


def begin(installation, anna, name: str, seconds: float) -> Path:
    """Submit a run of about so many seconds, and end the kernel that did it.

    Returns
    -------
    :
        The run's folder, as this machine sees it.
    """
    (installation.home / "homes/anna/noted.txt").unlink(missing_ok=True)
    kernel = anna.start_kernel()
    anna.run("import daisy_kernel as daisy", kernel)
    each = seconds / COUNT
    said = anna.run(
        f"COUNT = {COUNT}\n{NOTED}\n"
        "run = daisy.submit(noted, frames=frames,"
        f" folder='/home/anna/data/B4/2026-0100/processed/{name}',"
        f" parameters={{'noted.seconds': {each}}})\n"
        "while not run.progress.done: time.sleep(0.05)\n"
        "print(run.name)",
        kernel,
    )
    anna.send("DELETE", f"/api/kernels/{kernel}")
    place = f"B4/2026-0100/processed/{name}/{said.strip()}"
    return Path(installation.facts["data"]) / place


def state_of(run: Path) -> tuple[str, int]:
    progress = json.loads((run / "state.json").read_text())
    return progress["state"], progress["done"]


def part(installation, name: str) -> int:
    for line in installation.make("status").stdout.splitlines():
        pid, _, found = line.strip().partition("  ")
        if found == name:
            return int(pid)
    return 0


def wait_for(condition, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.2)
    return False


def is_whole(installation, run: Path) -> bool:
    """Whether all frames are there with the right values, each worked on once."""
    noted = (installation.home / "homes/anna/noted.txt").read_text().split()
    (file,) = run.glob("*.h5")
    with h5py.File(file) as found:
        values = found["entry/data/data"][:, 0, 0]
    each_once = sorted(map(int, noted)) == list(range(COUNT))
    return each_once and values.tolist() == [2.0 * i for i in range(COUNT)]


def test_a_submitted_run_goes_on_when_the_hub_is_killed(impatient, log_in):
    run = begin(impatient, log_in(impatient, "anna"), "hubless", seconds=40)
    with impatient.unsupervised():
        os.kill(part(impatient, "hub"), signal.SIGKILL)
        assert wait_for(lambda: not part(impatient, "hub"), 10)
        _, before = state_of(run)

        assert wait_for(lambda: state_of(run)[1] > before, 20)
        assert state_of(run)[0] == "running"
    impatient.up()
    assert wait_for(lambda: state_of(run)[0] == "done", 120)

    assert is_whole(impatient, run)
    assert [r.name for r in run.parent.glob("run_*")] == [run.name]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_outlives_the_browser_and_the_idle_limit_and_then_the_server_ends(
    impatient, new_person, log_in
):
    """Half an hour away from the browser, scaled.

    The limit for an idle server is 12 s here and an hour otherwise; the run takes about
    two minutes, ten times the limit, so that the server looks twice (it does once a
    minute) whether anybody is there.
    """
    from playwright.sync_api import sync_playwright

    anna = log_in(impatient, "anna")
    run = begin(impatient, anna, "alone", seconds=130)
    password = impatient.password("anna")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=CHROMIUM_FLAGS
        )
        first = lab_of(browser, impatient.address, password)
        listed_run(first, run).get_by_role("progressbar").wait_for()
        first.context.close()
        left = time.monotonic()
        server = part(impatient, "server of anna")

        assert wait_for(lambda: state_of(run)[0] != "running", 300)
        away = time.monotonic() - left
        assert state_of(run)[0] == "done"
        assert part(impatient, "server of anna") == server

        second = lab_of(browser, impatient.address, password)
        listed_run(second, run).get_by_text("done in").wait_for()
        second.screenshot(path=ARTIFACTS / "run-after-the-browser-was-away.png")
        browser.close()

    assert away > LOOK + IDLE
    assert is_whole(impatient, run)
    assert wait_for(lambda: not part(impatient, "server of anna"), 2 * LOOK + IDLE + 30)


def lab_of(browser, address: str, password: str):
    """Log in with a browser that knows nobody; give the page with JupyterLab."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{address}/hub/login")
    page.get_by_label("Username").fill("anna")
    page.locator("#password_input").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/lab**")
    page.goto(f"{address}/user/anna/lab?reset")
    page.wait_for_selector(".jp-Launcher")
    return page


def listed_run(page, run: Path):
    """The run in the sidebar's list."""
    tab = page.get_by_role("tab", name="Data")
    if tab.get_attribute("aria-selected") != "true":
        tab.click()
    page.get_by_role("button", name="Runs", exact=True).click()
    return page.locator(".jp-Daisy-runItem", has_text=f"{run.parent.name} ·")

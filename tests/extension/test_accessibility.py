"""Every viewer, in light and dark, has no serious finding of axe-core."""

import json
import urllib.request
from pathlib import Path

import h5py
import numpy as np
import pytest
from beamtimes import DARK, quiet, write_scan
from flows import tomography

import daisy_kernel as daisy

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

AXE = Path(__file__).parents[2] / "extension/node_modules/axe-core/axe.min.js"
PARTS = (".jp-Daisy-sidebar", ".jp-Daisy-viewBody", ".jp-Daisy-feed", ".jp-Daisy-run")
# what is ours of a page; JupyterLab's own parts are not
RUN = """async selector => {
  const ours = [...document.querySelectorAll(selector)].filter(e => e.offsetParent);
  if (!ours.length) return [];
  const found = await axe.run({ include: ours }, { resultTypes: ['violations'] });
  return found.violations
    .filter(v => ['serious', 'critical'].includes(v.impact))
    .map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 200)).join(' | ')}`);
}"""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture(scope="module", autouse=True)
def every_kind(lab):
    raw = lab.data / "B7" / "2026-0042" / "raw"
    with h5py.File(raw / "kinds.h5", "w") as file:
        file["volume"] = np.random.default_rng(0).random((12, 20, 30), "f4")
        map_data = file.create_group("map")
        map_data.attrs.update(NX_class="NXdata", signal="counts")
        map_data.attrs["axes"] = ["y", "x", "energy"]
        map_data["counts"] = np.random.default_rng(0).poisson(9, (6, 8, 200))
        map_data["energy"] = np.arange(200) * 50.0
        map_data["energy"].attrs["units"] = "eV"
        file["curve"] = np.sin(np.arange(500) / 20)
    write_scan(raw / "tooth.nxs")
    daisy.run(tomography(), raw / "tooth.nxs", dark=DARK, show=quiet)


@pytest.fixture(params=["Light", "Dark"])
def page(request, watched, lab):
    theme = json.dumps({"theme": f"JupyterLab {request.param}"})
    setting = f"{lab.address}/lab/api/settings/@jupyterlab/apputils-extension:themes"
    answer = urllib.request.urlopen(
        urllib.request.Request(
            setting,
            method="PUT",
            data=json.dumps({"raw": theme}).encode(),
            headers={"Authorization": f"token {lab.token}"},
        )
    )
    assert answer.status == 204
    page = watched.open()
    light = str(request.param == "Light").lower()
    page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
    page.add_script_tag(path=AXE)
    return page


def test_no_viewer_has_a_serious_finding(page, user):
    user.data()
    findings = {}

    def look(what):
        for part in PARTS:
            found = page.evaluate(RUN, part)
            if found:
                findings[f"{what} {part}"] = found

    user.row("scan_0001.nxs").click()
    user.drawn()
    look("Frames")
    user.view.get_by_label("Projection").select_option("max")
    for key in ("l", "e"):
        user.view.locator(".jp-Daisy-canvasArea canvas").focus()
        page.keyboard.press(key)
    user.view.locator(".jp-Daisy-regionItem dd").first.wait_for()
    user.view.locator(".jp-Daisy-profile canvas").first.wait_for()
    look("Frames with regions")
    page.keyboard.press("?")
    user.view.get_by_role("dialog", name="Keys").wait_for()
    look("Keys")
    page.keyboard.press("Escape")
    user.row("kinds.h5").click()
    for dataset, viewers in (
        ("volume", ("Slices", "Table", "Attributes")),
        ("map/counts", ("Map",)),
        ("curve", ("Line",)),
    ):
        find = user.view.get_by_label("Find in this file", exact=True)
        find.fill(dataset)
        user.view.get_by_role("button", name=dataset).click()
        find.fill("")
        user.view.locator(".jp-Daisy-dataset", has_text=dataset).wait_for()
        for viewer in viewers:
            tab = user.view.get_by_role("tab", name=viewer)
            tab.click()
            page.wait_for_function(
                "() => ![...document.querySelectorAll('[data-busy=true]')]"
                ".some(e => e.offsetParent)"
            )
            look(viewer)
    user.view.get_by_label("Find in this file", exact=True).fill("cur")
    user.view.get_by_role("button", name="curve").wait_for()
    look("found in the file")
    page.get_by_label("Search scans").fill("nothing like it")
    page.locator(".jp-Daisy-row.jp-mod-note").wait_for()
    look("nothing found")
    page.get_by_label("Search scans").fill("")
    page.locator(".jp-Daisy-sidebar").get_by_label("Feed").click()
    page.locator(".jp-Daisy-feedScan").first.wait_for()
    look("Feed")
    page.get_by_role("button", name="Runs", exact=True).click()
    page.locator(".jp-Daisy-runItem").click()
    page.locator(".jp-Daisy-runBody").wait_for()
    look("Run")
    assert not findings


def test_a_control_without_a_name_is_a_finding(page, user):
    user.data()
    page.evaluate(
        "document.querySelector('.jp-Daisy-sidebar')"
        ".insertAdjacentHTML('beforeend', '<button><i></i></button>')"
    )
    (found,) = page.evaluate(RUN, ".jp-Daisy-sidebar")
    assert found.startswith("button-name")

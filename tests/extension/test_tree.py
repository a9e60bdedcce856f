"""The Data sidebar in a browser: samples, long lists, small pictures, what is new."""

import os
import time

import h5py
import numpy as np
import pytest

from daisy_kernel.catalog import notify

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

MEMBERS = 20_000
ROWS = ".jp-Daisy-tree [role=treeitem]"


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture(scope="module")
def proposal(lab):
    """Scans of two samples, and a file with a large group."""
    folder = lab.data / "A1" / "2026-0300"
    for area in ("raw", "processed"):
        (folder / area).mkdir(parents=True)
    for number in range(24):
        path = folder / "raw" / f"scan_{number:04d}.nxs"
        write_scan(path, number, "tooth" if number >= 20 else "bone")
        os.utime(path, (1_775_000_000 + number,) * 2)
    with h5py.File(folder / "raw" / "large.h5", "w", libver="latest") as file:
        group = file.create_group("many")
        for number in range(MEMBERS):
            group[f"value_{number:06d}"] = number
    os.utime(folder / "raw" / "large.h5", (1_770_000_000,) * 2)
    return folder


def write_scan(path, number, sample):
    rows, columns = np.mgrid[:64, :64]
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data")
        entry["title"] = f"Try {number}"
        entry["sample/name"] = sample
        entry["definition"] = "NXtomo"
        entry["start_time"] = f"2026-04-01T08:{number:02d}:00"
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        data["data"] = (rows * (number + 1) + columns).astype("u2")


@pytest.fixture
def opened(watched, user, proposal):
    """The sidebar with the proposal open, once its scans have been described."""
    page = watched.open()
    user.data_of("2026-0300", "tooth")
    return page


@pytest.fixture
def user(user):
    def data_of(proposal, line):
        tab = user.page.get_by_role("tab", name="Data", exact=True)
        if tab.get_attribute("aria-selected") != "true":
            tab.click()
        row = user.row(proposal)
        row.wait_for()
        if row.get_attribute("aria-expanded") != "true":
            row.click()
        user.row(line).wait_for()

    user.data_of = data_of
    return user


def labels(page):
    return page.locator(".jp-Daisy-tree .jp-Daisy-label").all_inner_texts()


def focused(page):
    return page.evaluate(
        "document.activeElement.querySelector('.jp-Daisy-label')?.innerText"
    )


def test_scans_stand_below_their_samples_the_last_one_open(opened, user, watched):
    assert user.row("tooth").get_attribute("aria-expanded") == "true"
    assert user.row("bone").get_attribute("aria-expanded") == "false"
    user.row("scan_0023.nxs").wait_for()
    watched.picture("samples")

    user.row("bone").click()
    user.row("scan_0019.nxs").wait_for()
    opened.get_by_label("Order", exact=True).select_option("oldest")
    opened.wait_for_function(
        """() => {
          const all = [...document.querySelectorAll('.jp-mod-scan .jp-Daisy-label')];
          const at = name => all.findIndex(e => e.innerText.startsWith(name));
          return at('scan_0000.nxs') >= 0 && at('scan_0000.nxs') < at('scan_0001.nxs');
        }"""
    )
    opened.get_by_label("Search scans").fill("try sample:tooth")
    opened.wait_for_function(
        "() => document.querySelectorAll('.jp-mod-scan').length === 4"
    )
    assert "tooth" not in labels(opened), "an answer to a search stands in samples"


def test_a_technique_and_a_time_narrow_the_list(opened, user):
    technique = opened.get_by_label("Technique", exact=True)
    technique.locator("option[value=tomography]").wait_for(state="attached")
    technique.select_option("tomography")
    opened.wait_for_function(
        "() => ![...document.querySelectorAll('.jp-Daisy-row')]"
        ".some(e => e.innerText.startsWith('no sample named'))"
    )
    user.row("tooth").wait_for()
    opened.get_by_label("Time", exact=True).select_option("today")
    opened.locator(".jp-mod-note", has_text="No scan of this proposal").wait_for()


def test_a_large_group_costs_the_lines_in_sight_only(opened, user, watched):
    user.row("no sample named").click()
    user.row("large.h5").wait_for()
    user.look_into("large.h5")
    user.row("many").wait_for()
    user.look_into("many")
    user.row("value_000000").wait_for()
    opened.locator(".jp-Daisy-tree").hover()
    for _ in range(40):
        opened.mouse.wheel(0, 3000)
        opened.wait_for_timeout(20)

    user.row("many").focus()
    opened.keyboard.press("End")
    user.row("2026-0100").wait_for()
    opened.keyboard.press("ArrowUp")
    opened.keyboard.press("ArrowUp")
    last = f"value_{MEMBERS - 1:06d}"
    opened.wait_for_function(
        "name => document.activeElement.innerText?.startsWith(name)", arg=last
    )
    row = user.row(last)
    assert row.get_attribute("aria-posinset") == str(MEMBERS)
    assert row.get_attribute("aria-setsize") == str(MEMBERS)
    assert opened.locator(ROWS).count() < 200
    assert opened.evaluate("document.querySelectorAll('*').length") < 2000
    watched.picture("large-group")
    pages = watched.asked("daisy/children")
    assert len(pages) < 40, "the whole group was read"

    opened.keyboard.press("ArrowLeft")
    assert focused(opened) == "many"
    opened.keyboard.press("ArrowLeft")
    opened.keyboard.press("ArrowDown")
    assert not focused(opened).startswith("value")


def test_the_keyboard_stays_at_its_line_when_scans_come_in(opened, user, proposal):
    user.row("scan_0021.nxs").focus()
    write_scan(proposal / "raw" / "scan_0099.nxs", 40, "tooth")
    notify(proposal / "raw" / "scan_0099.nxs")
    user.row("scan_0099.nxs").wait_for(timeout=20_000)

    assert focused(opened).startswith("scan_0021.nxs")
    opened.keyboard.press("ArrowDown")
    assert focused(opened).startswith("scan_0020.nxs")
    opened.keyboard.press("t")
    assert focused(opened) == "tooth"


def test_a_scan_has_a_small_picture_and_a_card(opened, user, watched):
    row = user.row("scan_0022.nxs")
    row.locator("img").wait_for(timeout=20_000)
    row.hover()
    card = opened.locator(".jp-Daisy-card")
    card.wait_for()
    for text in ("Try 22", "tooth", "tomography", "2026-04-01 08:22:00", "shape"):
        assert text in card.inner_text()
    shown = "() => document.querySelector('.jp-Daisy-card img')?.naturalWidth"
    assert opened.evaluate(shown) == 64
    watched.picture("card")
    opened.mouse.move(900, 500)
    card.wait_for(state="detached")


def test_one_key_opens_the_newest_scan_and_next_keeps_the_contrast(
    opened, user, proposal
):
    write_scan(proposal / "raw" / "newest.nxs", 59, "tooth")
    with h5py.File(proposal / "raw" / "newest.nxs", "r+") as file:
        file["entry/start_time"][()] = "2027-01-01T00:00:00"
    user.page.get_by_role("button", name="Refresh").click()
    user.row("newest.nxs").wait_for(timeout=20_000)
    end = time.monotonic() + 20
    while user.tab() != "newest.nxs":  # it is described a moment after it is listed
        opened.keyboard.press("F8")
        opened.wait_for_timeout(300)
        assert time.monotonic() < end, user.tab()
    user.drawn()
    user.view.get_by_label("Lower end of the contrast").fill("10")
    user.view.get_by_label("Upper end of the contrast").fill("99")
    opened.keyboard.press("Enter")
    user.view.get_by_role("button", name="Previous scan").click()

    opened.wait_for_function(
        "() => document.querySelector('.lm-DockPanel-tabBar .lm-mod-current')"
        "?.innerText.startsWith('scan_00')"
    )
    user.drawn()
    assert user.view.get_by_label("Upper end of the contrast").input_value() == "99"


def test_a_line_has_a_menu_and_two_scans_are_compared(opened, user, watched):
    user.row("scan_0020.nxs").click()
    user.drawn()
    user.row("scan_0023.nxs").click(button="right")
    entries = opened.locator(".lm-Menu .lm-Menu-itemLabel")
    entries.first.wait_for()
    said = entries.all_inner_texts()
    assert said[:3] == ["Copy Path", "Copy Line of Code", "Insert in Notebook"]
    opened.get_by_role("menuitem", name="Compare Metadata").click()

    table = opened.locator(".jp-Daisy-differences:visible")
    table.get_by_text("Try 23").wait_for()
    assert table.get_by_text("Try 20").count() == 1
    assert "are the same" in table.get_by_role("status").inner_text()
    table.get_by_label("Filter differences").fill("title")
    opened.wait_for_function(
        "() => document.querySelectorAll('.jp-Daisy-differences tbody tr').length === 1"
    )
    watched.picture("differences")


def test_a_dataset_is_found_in_a_file_by_its_name(opened, user, watched):
    user.row("scan_0020.nxs").click()
    user.drawn()
    user.view.get_by_label("Find in this file", exact=True).fill("nam")
    found = user.view.get_by_label("Found in this file")
    found.get_by_role("button", name="entry/sample/name").click()
    user.view.locator(".jp-Daisy-scalar", has_text="tooth").wait_for()
    watched.picture("found-in-file")
    user.view.get_by_label("Find in this file", exact=True).fill("sam")
    found.get_by_role("button", name="entry/sample/").click()
    found.get_by_role("button", name="entry/sample/name").wait_for()
    user.view.get_by_label("Find in this file", exact=True).fill("nothing like it")
    user.view.get_by_text("Nothing of that name").wait_for()


def test_what_came_since_the_last_visit_is_marked(watched, user, proposal):
    page = watched.page
    page.clock.set_fixed_time(1_775_000_021.5)
    saved = page.expect_request(
        lambda request: (
            request.method == "PUT"
            and "api/workspaces" in request.url
            and "daisy-lab:visits" in (request.post_data or "")
        ),
        timeout=60_000,
    )
    with saved:
        watched.open()
    assert not page.locator(".jp-mod-new").count()

    page.clock.set_fixed_time(1_795_000_000)
    page.goto(f"{watched.lab.address}/lab?token={watched.lab.token}")
    page.locator(ROWS).first.wait_for()  # the sidebar was open, and is again
    user.row("scan_0022.nxs").locator(".jp-Daisy-new").wait_for()
    assert user.row("scan_0023.nxs").locator(".jp-Daisy-new").count() == 1
    assert user.row("scan_0021.nxs").locator(".jp-Daisy-new").count() == 0
    watched.picture("new")
    user.row("scan_0022.nxs").click()
    user.row("scan_0022.nxs").locator(".jp-Daisy-new").wait_for(state="detached")

    page.get_by_label("Time", exact=True).select_option(label="since last visit")
    page.wait_for_function(
        "() => ![...document.querySelectorAll('.jp-mod-scan')]"
        ".some(row => row.innerText.includes('large.h5'))"
    )

"""A link and a reload show what was seen."""

import pytest
from detectors import bound, opened, picture_of, shape, write_detector, write_flat

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


def test_a_link_opens_the_same_view_in_a_fresh_page(user, watched, raw, chromium, lab):
    page = opened(user, "detector_0.nxs")
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    user.view.get_by_label("frame, position").fill("3")
    user.view.get_by_label("Scale", exact=True).select_option("sqrt")
    user.view.get_by_label("Colours").select_option("viridis")
    user.view.get_by_label("Upper end of the contrast", exact=True).fill("900")
    page.keyboard.press("Enter")
    picture_of(user).focus()
    for key in ("+", "+", "]", "r"):
        page.keyboard.press(key)
    shape(user, "rectangle 1").wait_for()
    shown = user.drawn()
    user.view.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{lab.address}/lab/tree/data/B7/2026-0042/raw/detector_0")
    assert "&i=3&" in link

    page.goto("about:blank")
    page.goto(link.replace("#", f"?token={lab.token}&reset#"))
    user.view.get_by_role("tablist").wait_for(timeout=60_000)
    shape(user, "rectangle 1").wait_for()
    user.drawn()
    page.wait_for_function(f"sum => ({user.PIXELS})().sum === sum", arg=shown["sum"])
    assert user.view.get_by_label("frame, position").input_value() == "3"
    assert bound(user, "Upper") == 900
    watched.picture("from-a-link")


def test_a_reloaded_page_shows_what_it_showed_before(user, watched, raw, lab):
    page = opened(user, "detector_0.nxs")
    user.view.get_by_label("frame, position").fill("3")
    user.view.get_by_label("Colours").select_option("viridis")
    page.keyboard.press("Enter")
    shown = user.drawn()
    page.wait_for_function("() => /&i=3&.*map=viridis/.test(location.hash)")

    page.reload()
    user.view.get_by_role("tablist").wait_for(timeout=60_000)
    user.drawn()
    page.wait_for_function(f"sum => ({user.PIXELS})().sum === sum", arg=shown["sum"])
    assert user.view.get_by_label("frame, position").input_value() == "3"

    opened(user, "detector_1.nxs")
    page.wait_for_function("() => /detector_1.nxs#/.test(location.href)")
    assert "&i=3&" not in page.url


def test_a_link_to_a_folder_and_one_that_is_partly_wrong(user, watched, raw, lab):
    page = watched.open()
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    user.data()
    user.row("tiff").click()
    user.drawn()
    user.view.get_by_label("frame, position").fill("4")
    last = user.drawn()
    user.view.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "lab?daisy=" in link

    page.goto("about:blank")
    page.goto(link)
    user.view.get_by_role("tablist").wait_for(timeout=60_000)
    user.drawn()
    assert user.view.get_by_label("frame, position").input_value() == "4"
    assert user.drawn()["sum"] == last["sum"]

    opened(user, "detector_0.nxs", "#i=2&lo=low&map=viridis")
    page.get_by_text("left out: lo=low").first.wait_for()
    assert user.view.get_by_label("frame, position").input_value() == "2"
    assert user.view.get_by_label("Colours").input_value() == "viridis"

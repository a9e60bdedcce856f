"""Room in home and results, as it is seen in the status bar and its window."""

import re

import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

INSIDE = """() => {
  const { top, left, right, bottom } =
    document.querySelector('.jp-Daisy-room').getBoundingClientRect();
  return top >= 0 && left >= 0 && right <= innerWidth && bottom <= innerHeight;
}"""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


def test_a_word_says_how_full_the_home_is_and_a_window_the_rest(watched, lab):
    page = watched.open()
    word = page.locator(".jp-Daisy-roomButton")
    word.wait_for()
    assert re.fullmatch(r"Home [\d.]+ ([kMG]?B|%)", word.inner_text())

    word.click()

    window = page.locator(".jp-Daisy-room")
    results = window.get_by_role("region", name="Results, in processed")
    results.wait_for()
    assert "left on the disk" in window.get_by_role("region", name="Home").inner_text()
    assert re.search(r"[A-Z]\d/\d{4}-\d{4}", results.inner_text())
    page.wait_for_function(INSIDE)
    watched.picture("room")
    page.keyboard.press("Escape")
    page.locator(".jp-Launcher, .jp-Notebook").first.click(position={"x": 5, "y": 5})
    window.wait_for(state="detached")


def test_without_a_hub_nobody_is_asked_to_let_support_look(watched, lab):
    page = watched.open()

    page.get_by_role("menuitem", name="Help").click()
    page.get_by_text("Tour of DAISY").wait_for()

    assert not page.get_by_text("Let Support Look").is_visible()
    assert not page.locator(".jp-Daisy-consentBanner").is_visible()

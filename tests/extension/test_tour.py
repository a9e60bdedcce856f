"""The tour, as somebody sees it who logs in for the first time."""

import pytest
from labs import WELCOMED

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

# the step is told, what it tells of is marked, and Enter leads on
ARRIVED = """number => {
  const tour = document.querySelector('.jp-Daisy-tour');
  const told = tour?.textContent.includes(`${number} of 9`);
  const next = document.activeElement?.textContent;
  const marked = document.querySelector('.jp-Daisy-toured');
  return told && marked && ['Next', 'Done'].includes(next);
}"""
OUTSIDE = """() => {
  const { top, left, right, bottom } =
    document.querySelector('.jp-Daisy-tour').getBoundingClientRect();
  return top < 0 || left < 0 || right > innerWidth || bottom > innerHeight;
}"""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


def test_the_tour_is_offered_once_and_points_at_what_is_there(watched, lab):
    (lab.home / "config" / WELCOMED).unlink()
    page = watched.open()
    page.get_by_role("button", name="Start the tour").click()
    tour = page.get_by_role("dialog")
    title = tour.get_by_role("heading")

    seen = []
    while tour.count():
        page.wait_for_function(ARRIVED, arg=len(seen) + 1)
        seen.append(title.inner_text())
        assert not page.evaluate(OUTSIDE), seen
        assert page.locator(".jp-Daisy-toured:visible").count() == 1, seen
        watched.picture(f"tour-{len(seen)}")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "old => document.querySelector('.jp-Daisy-tour h3')?.textContent !== old",
            arg=seen[-1],
        )

    assert len(seen) == 9
    assert seen[0] == "Your data"
    assert not page.locator(".jp-Daisy-toured").count()
    page.reload()
    page.wait_for_selector(".jp-Launcher, .jp-Daisy-viewBody", timeout=60_000)
    page.wait_for_load_state("networkidle")
    assert not page.get_by_role("button", name="Start the tour").count()


def test_the_tour_is_in_the_help_menu_and_can_be_left_at_any_time(watched):
    page = watched.open()
    page.get_by_role("menuitem", name="Help").click()
    page.get_by_role("menuitem", name="Tour of DAISY").click()
    tour = page.get_by_role("dialog")
    title = tour.get_by_role("heading")
    title.filter(has_text="Your data").wait_for()

    page.keyboard.press("ArrowRight")
    title.filter(has_text="Find a scan").wait_for()
    page.keyboard.press("ArrowLeft")
    title.filter(has_text="Your data").wait_for()
    page.keyboard.press("Escape")

    tour.wait_for(state="detached")
    assert not page.locator(".jp-Daisy-toured").count()

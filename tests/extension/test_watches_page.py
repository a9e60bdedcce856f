"""The switch in the feed that has a watch kept, as a user sees it."""

import pytest
from labs import Lab
from watchhub import TOKEN, played

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

NAME = "B7/2026-0042"
SWITCH = "Keep watching when I am away"


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture(scope="module")
def hub():
    with played() as service:
        service.add("ben", NAME)
        yield service


@pytest.fixture(scope="module")
def lab(hub, labextension, make_data, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    make_data(home / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAISY_WATCHING_URL", hub.url)
        patch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)
        lab = Lab(home, home / "data").start()
    yield lab
    lab.stop()


@pytest.fixture
def feed(user, watched):
    page = watched.open()
    user.data()
    page.locator(".jp-Daisy-sidebar").get_by_label("Feed").click()
    feed = page.locator(".jp-Daisy-feed:visible")
    feed.get_by_label("Proposal").select_option(f"data/{NAME}")
    return feed


def test_a_choice_is_made_and_ended_and_all_who_watch_are_named(feed, hub, watched):
    switch = feed.get_by_label(SWITCH)
    said = feed.locator(".jp-Daisy-feedWatch [role=status]")
    feed.get_by_text("nobody is logged in, by ben since").wait_for()
    assert not switch.is_checked()

    switch.click()
    feed.get_by_text("you (anna)").wait_for()

    assert switch.is_checked()
    assert said.inner_text().count("server up") == 2
    assert {w["user"] for w in hub.watches} == {"anna", "ben"}
    watched.picture("feed-watched")

    switch.click()
    feed.get_by_text("you (anna)").wait_for(state="detached")

    assert not switch.is_checked()
    assert {w["user"] for w in hub.watches} == {"ben"}


def test_a_refusal_is_told_and_the_switch_stays_off(feed, hub, watched):
    switch = feed.get_by_label(SWITCH)
    switch.wait_for()
    hub.refusal = 409, b'{"message": "This hub keeps 20 servers already."}'

    switch.click()
    told = feed.locator(".jp-Daisy-feedWatch [role=alert]")
    told.get_by_text("keeps 20 servers").wait_for()

    assert not switch.is_checked()
    watched.picture("feed-refused")
    hub.refusal = None
    told.wait_for(state="detached", timeout=30_000)

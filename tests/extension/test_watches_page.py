"""What the hub does for a user, as the user sees it: kept watches, clusters."""

import pytest
from labs import Lab
from playedgateway import played as played_gateway
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
def gateway():
    with played_gateway(TOKEN) as played:
        yield played


@pytest.fixture(scope="module")
def lab(hub, gateway, labextension, make_data, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    make_data(home / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAISY_WATCHING_URL", hub.url)
        patch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)
        patch.setenv("DASK_GATEWAY__ADDRESS", gateway.url)
        patch.setenv("DASK_GATEWAY__PUBLIC_ADDRESS", "/services/daisy-dashboards")
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


@pytest.fixture
def clusters(user, watched, gateway):
    watched.open()
    user.data()
    panel = watched.page.get_by_role("region", name="Clusters")
    panel.get_by_role("button", name="Clusters").click()
    return panel


def test_a_cluster_is_listed_scaled_and_stopped(clusters, gateway, watched):
    line = clusters.get_by_label("Cluster abcdef01")
    line.get_by_text("1 worker ").wait_for()
    page = line.get_by_label("Dashboard").get_attribute("href")
    assert page == f"/services/daisy-dashboards/clusters/{gateway.name}/status"

    line.get_by_label("One worker more").click()
    line.get_by_text("1 of 2 workers").wait_for()
    gateway.workers = 2
    line.get_by_text("2 workers").wait_for()
    assert line.get_by_label("All 2 workers that you may have now").is_disabled()
    watched.picture("clusters")

    line.get_by_label("Stop this cluster").click()
    watched.page.get_by_role("button", name="Cancel").click()
    assert gateway.name
    line.get_by_label("Stop this cluster").click()
    watched.page.get_by_role("button", name="Stop it").click()
    clusters.get_by_text("No cluster").wait_for()

    assert gateway.asked.count("DELETE") == 1


def test_what_the_gateway_refuses_is_told_in_its_words(clusters, gateway):
    gateway.name = "abcdef01" * 4
    gateway.refusal = "cluster abcdef01 is not running"
    line = clusters.get_by_label("Cluster abcdef01")
    line.get_by_label("One worker fewer").click()

    alert = clusters.get_by_role("alert")
    alert.get_by_text("is not running").wait_for()

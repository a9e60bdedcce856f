"""The feed on a wall behind a hub: its script and its data need the login as well."""

import pytest
from labs import chromium_path

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]


def test_the_feed_without_jupyterlab_shows_scans_and_pictures(demo_installation):
    from playwright.sync_api import sync_playwright

    complaints = []
    address = f"{demo_installation.address}/user/anna/daisy/feed-page"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
        page.goto(demo_installation.address)
        page.get_by_label("Username").fill("anna")
        page.locator("#password_input").fill(demo_installation.password("anna"))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/lab**")
        page.wait_for_selector(".jp-Launcher")

        page.goto(f"{address}?proposal=data/B7/2026-0042")
        scan = page.get_by_role("article").filter(has_text="tooth_0001.nxs")
        scan.locator("img").first.wait_for()
        page.goto(address)
        page.get_by_role("link", name="B7 2026-0042").click()
        page.get_by_role("heading", name="tooth_0001.nxs").wait_for()
        browser.close()

    assert complaints == []

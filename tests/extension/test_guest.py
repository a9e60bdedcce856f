"""What an account sees that is a member of no proposal."""

import pytest
from labs import Lab

from daisy_kernel.demo import make_public

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture(scope="module")
def lab(labextension, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    make_public(home / "data", lambda _: None)
    lab = Lab(home, home / "data").start()
    yield lab
    lab.stop()


def test_a_guest_is_told_why_and_finds_examples(watched, user):
    page = watched.open()
    told = page.get_by_role("note").filter(has_text="not a member")
    told.wait_for()
    user.row("tooth_0001").wait_for()
    watched.picture("guest")

    assert "Ask your beamline scientist" in told.inner_text()
    user.row("tooth_0001").click()
    user.drawn()
    page.wait_for_function(f"() => ({user.SHADES})() > 50")

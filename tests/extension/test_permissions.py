"""What a user may not read: named as that, and not in the way of the rest."""

import h5py
import numpy as np
import pytest
from labs import Lab
from rights import ORDINARY

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

RAW = "B7/2026-0042/raw"


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


class OrdinaryLab(Lab):
    """One that reads no more than its files allow, also where root starts it."""

    prefix = ORDINARY


@pytest.fixture(scope="module")
def lab(labextension, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    raw = home / "data" / RAW
    closed = raw / "closed folder"
    closed.mkdir(parents=True)
    for path in (raw / "open.h5", raw / "closed.h5", closed / "inside.h5"):
        with h5py.File(path, "w") as file:
            file["frames"] = np.indices((3, 40, 60)).sum(0).astype("u2")
    (raw / "closed.h5").chmod(0)
    closed.chmod(0)
    lab = OrdinaryLab(home, home / "data").start()
    yield lab
    lab.stop()
    closed.chmod(0o700)


def test_a_file_without_permission_says_so_and_the_next_one_is_shown(user, watched):
    page = watched.open()
    user.row("closed.h5").click()
    failed = page.locator(".jp-Daisy-failed:visible")
    failed.wait_for()
    assert "ermission" in failed.inner_text()
    watched.picture("no-permission")

    user.row("open.h5").click()
    assert user.drawn()["shades"] > 20


def test_a_closed_folder_stands_in_the_tree_and_says_so(user, watched):
    page = watched.open()
    user.row("closed folder").click()
    failed = page.locator(".jp-Daisy-failed:visible")
    failed.wait_for()
    assert "ermission" in failed.inner_text()
    watched.picture("no-permission-folder")

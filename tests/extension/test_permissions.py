"""What a user may not read: named as that, and not in the way of the rest."""

import json
import urllib.error
import urllib.parse
import urllib.request

import h5py
import numpy as np
import pytest
from beamtimes import DARK, quiet, write_scan
from flows import tomography
from labs import Lab
from rights import ORDINARY

import daisy_kernel as daisy

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
    write_scan(raw / "tooth.nxs")
    runs = [
        daisy.run(tomography(), raw / "tooth.nxs", dark=DARK, again=True, show=quiet)
        for _ in range(2)
    ]
    runs[0].folder.chmod(0)
    lab = OrdinaryLab(home, home / "data").start()
    yield lab
    lab.stop()
    closed.chmod(0o700)
    runs[0].folder.chmod(0o700)


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


def asked(lab, route, body=None, **query):
    request = urllib.request.Request(
        f"{lab.address}/daisy/{route}?{urllib.parse.urlencode(query)}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {lab.token}"},
    )
    return json.loads(urllib.request.urlopen(request).read())


def test_a_run_without_permission_is_not_listed_and_not_told(lab):
    found = asked(lab, "runs", proposal="data/B7/2026-0042")
    assert [run["name"] for run in found["items"]] == ["run_002"]
    hidden = found["items"][0]["path"].replace("run_002", "run_001")
    with pytest.raises(urllib.error.HTTPError) as error:
        asked(lab, "run", path=hidden)
    assert error.value.code in (403, 404)


def test_a_run_of_somebody_else_is_not_stopped_and_it_is_said_why(lab):
    (run,) = asked(lab, "runs", proposal="data/B7/2026-0042")["items"]
    folder = lab.home / run["path"]
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps({**state, "state": "running"}))
    (folder / ".lease").touch()
    folder.chmod(0o555)
    try:
        with pytest.raises(urllib.error.HTTPError) as error:
            asked(lab, "run/stop", {"path": run["path"]})
    finally:
        folder.chmod(0o755)
    assert error.value.code == 403
    assert (
        "you may not write in its folder" in json.loads(error.value.read())["message"]
    )

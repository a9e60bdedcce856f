"""A proposal that is watched by choice, through logged-out nights, kills and restarts.

The tests run in this order on one installation of their own. Idle limit, and the rest
after a stop by hand, are seconds here and an hour and ten minutes otherwise.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from daisy_kernel.demo import tomography as demo

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(900)]

SHARED, BENS = "B4/2026-0100", "B2/2026-0107"
SETUP = demo.Setup(46, 16, 96, 45.2, flats=3, darks=3)
IDLE = 12
REST = 15
LOOK = 60  # a server looks once a minute whether it is idle


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.2)
    return False


def running(installation) -> dict[str, int]:
    """Processes by part, as `make status` shows them."""
    found = {}
    for line in installation.make("status").stdout.splitlines():
        pid, _, part = line.strip().partition("  ")
        if pid.isdigit():
            found[part] = int(pid)
    return found


def is_up(installation, name: str) -> bool:
    return f"server of {name}" in running(installation)


def measure(installation, name: str) -> Callable[[], bool]:
    """Put a new scan into the shared proposal; what is given back sees its result."""
    proposal = Path(installation.facts["data"]) / SHARED
    demo.write_nxtomo(proposal / "raw" / f"{name}.nxs", SETUP, len(name), "small")
    return lambda: len(results(installation, name)) == 1


def results(installation, name: str) -> list[Path]:
    proposal = Path(installation.facts["data"]) / SHARED
    return list((proposal / "processed").glob(f"{name}/run_*/volume.h5"))


def chosen(installation) -> list[tuple[str, str]]:
    text = (installation.home / "state" / "watches.json").read_text()
    return [(choice["user"], choice["proposal"]) for choice in json.loads(text)]


def token_of(person) -> str:
    return person.run("import os; print(os.environ['JUPYTERHUB_API_TOKEN'])").strip()


def ask(installation, method: str, path: str, token: str, **options):
    return requests.request(
        method,
        f"{installation.address}/services/daisy-watching/{path}",
        headers={"Authorization": f"token {token}"} if token else {},
        timeout=20,
        **options,
    )


@pytest.fixture(scope="module")
def hub(spare_installation):
    """The installation, with limits of seconds, and rules for the shared proposal."""
    spare_installation.up()
    assert spare_installation.make("down").returncode == 0
    file = spare_installation.home / "state" / "settings.toml"
    lines = f"server_idle_seconds = {IDLE}\nwatching_rest_seconds = {REST}\n"
    file.write_text(file.read_text() + lines)
    spare_installation.up()
    spare_installation.let_members_write(SHARED)
    return spare_installation


def test_who_is_no_member_is_refused(hub, log_in):
    ben = log_in(hub, "ben")
    anna = log_in(hub, "anna")

    said = anna.terminal(f"daisy watch {BENS} --keep")
    page = anna.send("POST", "/daisy/watches", {"proposal": "data/B2", "keep": True})
    rules = ben.terminal(f"daisy rules {SHARED} --write")

    assert "workflow: tomography" in rules
    assert f"anna is no member of a proposal {BENS}" in said
    assert page.status_code in (400, 404)
    assert not (hub.home / "state" / "watches.json").exists()


def test_a_choice_shows_for_all_members_and_only_its_owner_ends_it(hub, log_in):
    anna, ben = log_in(hub, "anna"), log_in(hub, "ben")
    body = {"proposal": f"data/{SHARED}", "keep": True}

    made = anna.send("POST", "/daisy/watches", body).json()
    seen = ben.get("/daisy/watches", params={"proposal": f"data/{SHARED}"}).json()
    refused = ben.terminal(f"daisy watch {SHARED} --no-keep")

    (mine,), (theirs,) = made["watches"], seen["watches"]
    assert (mine["user"], mine["yours"], theirs["yours"]) == ("anna", True, False)
    assert abs(theirs["since"] - time.time()) < 120
    assert f"ben has not chosen to watch {SHARED}" in refused
    assert chosen(hub) == [("anna", SHARED)]


def test_nobody_can_choose_for_somebody_else(hub, log_in):
    bens = token_of(log_in(hub, "ben"))
    path = f"watches/{SHARED}"

    named = ask(hub, "DELETE", path, bens, params={"user": "anna"})
    in_the_body = ask(hub, "PUT", path, bens, json={"user": "anna"})
    nobody = ask(hub, "GET", "watches", "")
    wrong = ask(hub, "DELETE", path, "0" * 32)

    assert (named.status_code, in_the_body.status_code) == (400, 400)
    assert (nobody.status_code, wrong.status_code) == (403, 403)
    assert chosen(hub) == [("anna", SHARED)]


def test_the_service_may_start_servers_and_nothing_else(hub):
    service = Path(f"/proc/{running(hub)['watching']}/environ").read_bytes()
    variables = dict(v.split(b"=", 1) for v in service.split(b"\0") if b"=" in v)
    headers = {"Authorization": f"token {variables[b'JUPYTERHUB_API_TOKEN'].decode()}"}
    api = f"{hub.address}/hub/api"

    server = requests.get(f"{api}/users/anna", headers=headers, timeout=20)
    stop = requests.delete(f"{api}/users/anna/server", headers=headers, timeout=20)
    users = requests.get(f"{api}/users", headers=headers, timeout=20)
    token = requests.post(f"{api}/users/anna/tokens", headers=headers, timeout=20)

    assert server.status_code == 200
    assert {"admin", "groups", "last_activity"}.isdisjoint(
        set(server.json()) - {"admin"}
    )
    assert [a.status_code for a in (stop, users, token)] == [403, 403, 403]


def test_a_new_scan_gets_its_result_while_nobody_is_logged_in(hub, log_in):
    for name in ("anna", "ben"):
        person = log_in(hub, name)
        for kernel in person.get("/api/kernels").json():
            person.send("DELETE", f"/api/kernels/{kernel['id']}")
        for terminal in person.get("/api/terminals").json():
            person.send("DELETE", f"/api/terminals/{terminal['name']}")

    # ben has chosen nothing: his server ends, and shows that the limit is at work
    assert wait_for(lambda: not is_up(hub, "ben"), 2 * LOOK + IDLE)
    time.sleep(LOOK + IDLE)
    assert is_up(hub, "anna")
    done = measure(hub, "night")

    assert wait_for(done, 90)


def test_the_watch_goes_on_when_the_hub_is_killed_and_started_again(hub):
    before = running(hub)
    with hub.unsupervised():
        os.kill(before["hub"], signal.SIGKILL)
        assert wait_for(lambda: "watching" not in running(hub))  # it ends with its hub
        without_hub = measure(hub, "headless")

        assert wait_for(without_hub, 90)
    hub.up()
    after = running(hub)
    assert after["server of anna"] == before["server of anna"]
    assert wait_for(measure(hub, "again"), 90)
    assert chosen(hub) == [("anna", SHARED)]


def test_a_server_that_is_killed_is_started_again(hub):
    before = running(hub)["server of anna"]
    os.kill(before, signal.SIGKILL)

    done = measure(hub, "crashed")

    assert wait_for(done, 180)  # the hub looks twice a minute; the lease lives 30 s
    assert running(hub)["server of anna"] != before


def test_after_a_restart_of_the_machine_the_watch_begins_by_itself(hub):
    assert hub.make("down").returncode == 0
    done = measure(hub, "morning")

    hub.up()

    assert wait_for(done, 120)


def test_each_scan_had_one_run(hub):
    names = ("night", "headless", "again", "crashed", "morning")

    assert {name: len(results(hub, name)) for name in names} == dict.fromkeys(names, 1)


def test_a_server_that_is_stopped_by_hand_rests_and_comes_back(hub, log_in):
    anna = log_in(hub, "anna")
    ben = log_in(hub, "ben")
    stopped = time.monotonic()
    anna.stop_server()
    assert wait_for(lambda: not is_up(hub, "anna"), 20)

    told = "server stopped, and started again in"
    command = f"daisy watch {SHARED} --list"
    assert wait_for(lambda: told in ben.terminal(command), REST)
    assert wait_for(lambda: is_up(hub, "anna"), REST + 60)

    assert time.monotonic() - stopped >= REST


def test_who_leaves_the_proposal_is_kept_no_longer(hub):
    members = Path(hub.facts["data"]) / "members.toml"
    text = members.read_text()
    members.write_text(text.replace('["anna", "ben"]', '["ben"]'))

    assert wait_for(lambda: chosen(hub) == [], 30)
    assert wait_for(lambda: not is_up(hub, "anna"), 2 * LOOK + IDLE + 30)

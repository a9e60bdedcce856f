"""Starting servers of a running hub: the page, the choice, a full home, a failure."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import hubs
import psutil
import pytest
import requests
from daisy_hub.starting.room import NEEDED
from installations import Person

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

PROFILES = """
home_quota = "1 GiB"
[[server_profiles]]
name = "small"
title = "Small"
memory = "3 GiB"
cpus = 1
[[server_profiles]]
name = "large"
title = "Large"
[[server_profiles]]
name = "team"
title = "The team's"
groups = ["team"]
"""


@pytest.fixture(scope="module")
def hub(demo_installation, tmp_path_factory) -> Iterator[hubs.Hub]:
    top = tmp_path_factory.mktemp("starting")
    with hubs.running(top, PROFILES, environment=demo_installation.software) as running:
        for name in ("anna", "ben", "carl"):
            running.add(name)
        yield running


@pytest.fixture
def person(hub) -> Iterator[Callable[[str], Person]]:
    """Log somebody in: person("anna"). Their servers end with the test."""
    people: list[Person] = []

    def log_in(name: str) -> Person:
        people.append(Person(hub.address, name, hubs.PASSWORD))
        return people[-1]

    yield log_in
    for who in people:
        stop(who)


def stop(who: Person) -> None:
    who.stop_server()
    hubs.wait_for(lambda: who.get("/api/status").status_code == 424, 30)


def spawn(who: Person, query: str = "", **options: object) -> requests.Response:
    return who.session.get(
        f"{who.address}/hub/spawn/{who.name}{query}", timeout=60, **options
    )


def choose(who: Person, **form: str) -> requests.Response:
    """Send the page's form."""
    return who.session.post(
        f"{who.address}/hub/spawn/{who.name}",
        params={"_xsrf": who._xsrf("/hub/")},
        data=form,
        timeout=60,
    )


def await_server(who: Person) -> None:
    def answers() -> bool:
        answer = who.get("/api/status")
        if answer.status_code == 403:
            who.get("/lab")
        return answer.status_code == 200 and "kernels" in answer.text

    hubs.wait_for(answers, 90)


def server(hub: hubs.Hub, name: str) -> psutil.Process:
    """Find the server's own process, inside the sandbox."""
    (found,) = [
        process
        for process in hubs.of_instance((hub.home / "state" / "instance").read_text())
        if process.environ().get("JUPYTERHUB_USER") == name
        and process.name().startswith("python")
        and "jupyterhub-singleuser" in " ".join(process.cmdline()[:2])
    ]
    return found


def memory_limit(hub: hubs.Hub, name: str) -> list[str]:
    """Read what the kernel holds the server to: soft and hard."""
    limits = Path(f"/proc/{server(hub, name).pid}/limits").read_text()
    (line,) = re.findall("Max data size +(.*) bytes", limits)
    return line.split()


def test_the_page_shows_what_one_may_choose_and_starts_nothing(person):
    anna = person("anna")

    page = spawn(anna)

    assert re.findall(r'value="(\w+)"', page.text.partition("fieldset")[2]) == [
        "small",
        "large",
    ]
    assert "Free on this machine now" in page.text
    selected = spawn(anna, "?profile=large")
    assert selected.status_code == 200
    assert re.search(r'value="large" required checked', selected.text)
    assert anna.get("/api/status").status_code == 424


def test_a_profile_that_is_not_ones_own_is_refused_in_words(person):
    anna = person("anna")

    for refused in (choose(anna, profile="team"), spawn(anna, "?opt-profile=team")):
        assert refused.status_code == 403
        assert "The profile team is not open to anna" in refused.text
    by_api = anna.session.post(
        f"{anna.address}/hub/api/users/anna/server",
        json={"user_options": {"profile": "team"}},
        headers={"X-XSRFToken": anna._xsrf("/hub/")},
        timeout=60,
    )
    assert by_api.status_code == 403
    assert "not open to anna" in by_api.json()["message"]
    assert anna.get("/api/status").status_code == 424


def test_a_choice_bounds_the_server_and_is_remembered(hub, person):
    anna = person("anna")

    waiting = choose(anna, profile="small")

    assert "Your server is starting" in waiting.text
    await_server(anna)
    assert memory_limit(hub, "anna") == [str(3 * 2**30)] * 2
    assert len(server(hub, "anna").cpu_affinity()) == 1
    stop(anna)
    assert re.search(r'value="small" required checked', spawn(anna).text)


def test_an_address_starts_a_server_and_the_phases_are_told(hub, person):
    ben = person("ben")

    spawn(ben, "?opt-profile=large")

    events = ben.session.get(
        f"{ben.address}/hub/api/users/ben/server/progress",
        params={"_xsrf": ben._xsrf("/hub/")},
        timeout=60,
    ).text
    order = [
        events.index(phase)
        for phase in (
            "Checking your home",
            "Preparing your proposals",
            "Starting JupyterLab",
            "Waiting for JupyterLab",
            '"ready": true',
        )
    ]
    assert order == sorted(order)
    assert '"seconds"' in events


def test_who_starts_without_a_choice_gets_the_last_one(hub, person):
    """As the service does that keeps servers."""
    ben = person("ben")
    assert "large" in (hub.home / "state" / "server-profiles" / "ben").read_text()

    started = ben.session.post(
        f"{ben.address}/hub/api/users/ben/server",
        headers={"X-XSRFToken": ben._xsrf("/hub/")},
        timeout=60,
    )

    assert started.status_code in (201, 202), started.text
    await_server(ben)
    assert memory_limit(hub, "ben") == ["unlimited"] * 2


@pytest.fixture
def full_home(hub) -> Iterator[Path]:
    """Give carl a home on a small disk, and fill it to the last byte."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    home = hub.home / "homes" / "carl"
    home.mkdir(parents=True, exist_ok=True)
    uid = hub.accounts()["carl"]["uid"]
    options = f"size=30m,uid={uid},gid={uid},mode=700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "carl", home], check=True)
    with open(home / "big.dat", "wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(2**20)):
            pass
    yield home
    subprocess.run(["umount", "--lazy", home], check=True)


def test_in_a_full_home_a_rescue_start_lets_one_delete_files(hub, person, full_home):
    carl = person("carl")

    refused = choose(carl, profile="small")

    assert refused.status_code == 503
    assert "Your home is full: there are 0 B left" in refused.text
    assert "/hub/spawn/carl?opt-rescue=1" in refused.text
    assert carl.get("/api/status").status_code == 424

    spawn(carl, "?opt-rescue=1")
    await_server(carl)
    # as full as before: nothing has been written to the home
    assert {path.name for path in full_home.iterdir()} <= {"big.dat", "data"}
    assert carl.get("/api/kernelspecs").json()["kernelspecs"] == {}
    disabled = re.search(r'"disabledExtensions": \[(.*?)\]', carl.get("/lab").text)
    assert '"daisy-lab"' in disabled[1]
    assert "70" in carl.terminal("id -u")
    assert carl.send("DELETE", "/api/contents/big.dat").status_code == 204
    assert os.statvfs(full_home).f_bavail * os.statvfs(full_home).f_frsize > NEEDED
    stop(carl)

    # an ordinary start again, with the choice of before
    by_api = carl.session.post(
        f"{carl.address}/hub/api/users/carl/server",
        headers={"X-XSRFToken": carl._xsrf("/hub/")},
        timeout=60,
    )
    assert by_api.status_code in (201, 202), by_api.text
    await_server(carl)
    assert carl.get("/api/kernelspecs").json()["kernelspecs"]


def test_a_home_over_its_quota_is_refused_until_there_is_room(hub, person):
    anna = person("anna")
    big = hub.home / "homes" / "anna" / "big.dat"
    with big.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 2**30 + 2**20)
    # measured minutes ago: the hub may keep a number for a while, not for ever
    refused = choose(anna, profile="small")
    big.unlink()
    assert refused.status_code == 503
    assert "it may take 1 GiB" in refused.text


def test_a_server_that_ends_shows_its_last_lines_and_two_ways_on(hub, person):
    ben = person("ben")
    home = hub.home / "homes" / "ben"
    config = home / ".jupyter" / "jupyter_server_config.py"
    config.parent.mkdir(exist_ok=True)
    config.write_text("raise SystemExit('a setting of mine')\n")
    config.parent.chmod(0o755)

    choose(ben, profile="large")
    pending = f"{ben.address}/hub/spawn-pending/ben"
    limit = time.monotonic() + 60
    while "did not start" not in (page := ben.session.get(pending, timeout=60).text):
        assert time.monotonic() < limit, page
        time.sleep(0.5)

    assert "a setting of mine" in page
    assert "/hub/spawn/ben?opt-rescue=1" in page
    assert "Try again" in page
    spawn(ben, "?opt-rescue=1")
    await_server(ben)  # what is in the home is left aside

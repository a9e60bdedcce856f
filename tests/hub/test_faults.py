"""What goes wrong on a real machine: nothing that ran is lost, and all comes back.

Killed hub, gateway, grants and workers are in test_up_and_down, test_grants and
test_clusters; containers and the launcher in test_containers. The tests run in this
order, on one installation of each profile whose state lies on a small disk.
"""

import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from containers import LIMITS, DockerEngine
from daisy_hub.processes import of_instance
from daisy_hub.up import CONTAINER_PARTS, PARTS
from hubs import PASSWORD, Hub, prepared, wait_for
from installations import Person

pytestmark = [
    pytest.mark.service,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a small disk"),
]

DISK = "48m"
HOME_DISK = "40m"
LOCKED_SECONDS = 8
CLUSTER = """
from dask_gateway import Gateway
kept = 42
gateway = Gateway()
cluster = gateway.new_cluster(shutdown_on_close=False)
cluster.scale(1)
client = cluster.get_client()
client.wait_for_workers(1, timeout=90)
client.publish_dataset(client.submit(sum, [40, 2], pure=False), name="result")
print(client.get_dataset("result").result(timeout=60), cluster.name)
"""
CONNECT = """
from dask_gateway import Gateway
again = Gateway().connect({name!r}).get_client()
print(again.get_dataset("result").result(timeout=60))
print(again.submit(sum, [1, 2], pure=False).result(timeout=60))
"""


@dataclass
class Running:
    """A hub with anna logged in, her kernel and her cluster."""

    hub: Hub
    anna: Person
    kernel: str
    cluster: str
    in_containers: bool

    def says(self, code: str) -> str:
        return self.anna.run(code, self.kernel, 90).strip()

    def pid(self, part: str) -> int:
        lines = self.hub.command("status").stdout.splitlines()
        (found,) = [line for line in lines if line.endswith(f"  {part}")]
        return int(found.split()[0])

    def is_ready(self) -> bool:
        return "Ready" in self.hub.command("status").stdout

    def kill(self, part: str) -> None:
        """End a part like a crash, and wait for another one."""
        before = self.pid(part)
        os.kill(before, signal.SIGKILL)

        def is_new() -> bool:
            said = self.hub.command("status").stdout
            return f"  {part}\n" in said and f"{before}  {part}\n" not in said

        wait_for(is_new, 60)
        wait_for(self.is_ready, 60)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small file system at a folder."""
    mount = "mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "tmpfs"
    subprocess.run([*mount, folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


LOCALLY = pytest.mark.parametrize("running", ["local"], indirect=True)
IN_CONTAINERS = pytest.mark.parametrize(
    "running", [pytest.param("docker", marks=pytest.mark.container)], indirect=True
)


@pytest.fixture(
    scope="module",
    params=["local", pytest.param("docker", marks=pytest.mark.container)],
)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    hub = prepared(tmp_path_factory.mktemp("faults"))
    # what is built is built before the disk is mounted
    text = settings_of(hub, request.param, request.getfixturevalue)
    with small_disk(hub.settings_file.parent):
        hub.settings_file.write_text(text)
        try:
            hub.does("up")
            hub.add("anna")
            anna = Person(hub.address, "anna", PASSWORD)
            anna.start_server()
            kernel = anna.start_kernel()
            said = anna.run(CLUSTER, kernel, 150).split()
            assert said[0] == "42", said
            yield Running(hub, anna, kernel, said[1], request.param == "docker")
        finally:
            _end(hub)


def settings_of(hub: Hub, profile: str, given: Callable[[str], Any]) -> str:
    """Write the settings of a hub of the profile; *given* gives fixtures by name."""
    programs = of_images if profile == "docker" else of_installation
    return (
        f'home = "{hub.home}"\ndata = "{hub.home.parent / "data"}"\n'
        f"port = {hub.port}\n{programs(given)}\n"
    )


def of_installation(given: Callable[[str], Any]) -> str:
    """Give accounts the programs of a real installation, not of this checkout."""
    return f'user_environment = "{given("demo_installation").software}"'


def of_images(given: Callable[[str], Any]) -> str:
    """Give them those of the images."""
    engine: DockerEngine = given("docker_engine")
    images = given("images")
    entries = f'lab_image = "{images["lab"]}", hub_image = "{images["hub"]}", {LIMITS}'
    return f'profile = "docker"\ncontainers = {{ engine = "{engine.url}", {entries} }}'


def _end(hub: Hub) -> None:
    hub.command("down")
    for process in of_instance((hub.home / "state" / "instance").read_text()):
        with suppress(psutil.Error):
            process.kill()


def assert_all_is_there(running: Running) -> None:
    """Check that server, kernel, cluster and its results are as before."""
    assert running.says("print(kept)") == "42"
    assert running.says(CONNECT.format(name=running.cluster)) == "42\n3"
    user = running.anna.session.get(
        f"{running.hub.address}/hub/api/users/anna", timeout=30
    ).json()
    assert user["server"] == "/user/anna/"
    assert set(running.hub.accounts()) >= {"anna"}


@LOCALLY
def test_a_killed_proxy_comes_back_with_every_route(running):
    running.kill("proxy")

    assert_all_is_there(running)


@LOCALLY
def test_a_killed_gateway_proxy_costs_no_cluster(running):
    running.kill("gateway-proxy")

    assert_all_is_there(running)


def test_everything_killed_at_once_comes_back_and_finds_what_goes_on(running):
    parts = {*PARTS, *(CONTAINER_PARTS if running.in_containers else ())}
    # its network is that of hub and proxies, which end with it (test_containers)
    before = {part: running.pid(part) for part in parts - {"front"}}

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: is_whole(running, before), 90)

    assert_all_is_there(running)


def is_whole(running: Running, before: dict[str, int]) -> bool:
    rows = [r.split() for r in running.hub.command("status").stdout.splitlines()]
    now = {row[1]: int(row[0]) for row in rows if len(row) == 2 and row[0].isdigit()}
    new = all(now.get(part) not in (None, pid) for part, pid in before.items())
    return new and running.is_ready()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a database's lock as a backup or another program would."""
    with sqlite3.connect(file, timeout=10, isolation_level=None) as database:
        database.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            database.execute("ROLLBACK")
    database.close()


@pytest.mark.parametrize("name", ["jupyterhub.sqlite", "gateway.sqlite"])
def test_a_locked_database_delays_and_loses_nothing(running, name):
    parts = {part: running.pid(part) for part in ("hub", "gateway")}

    with locked(running.hub.home / "state" / name):
        asking = threading.Thread(target=_ask_for_all, args=(running,))
        asking.start()
        # longer than a database waits by itself
        time.sleep(LOCKED_SECONDS)
        assert running.says("print(kept)") == "42"
    asking.join(90)

    wait_for(running.is_ready, 30)
    assert {part: running.pid(part) for part in parts} == parts
    assert_all_is_there(running)
    assert works_for_others(running, f"after-{name.split('.')[0]}")


def _ask_for_all(running: Running) -> None:
    """Ask for what needs the databases, whatever the answer is."""
    session, address = running.anna.session, running.hub.address
    for path in ("/hub/home", "/hub/api/users/anna", "/hub/token"):
        with suppress(requests.RequestException):
            session.get(address + path, timeout=40)
    with suppress(requests.RequestException):
        requests.post(f"{address}/hub/login", data={"username": "anna"}, timeout=40)


def works_for_others(running: Running, name: str) -> bool:
    """Whether somebody new can log in and compute."""
    running.hub.add(name)
    person = Person(running.hub.address, name, PASSWORD)
    person.start_server()
    said = person.run("print(6 * 7)")
    person.stop_server()
    return said == "42\n"


def test_a_full_disk_delays_and_loses_nothing(running):
    state = running.hub.home / "state"
    accounts = (state / "accounts.json").read_text()

    with full(state):
        refused = running.hub.command("add", "late", answer=f"{PASSWORD}\n" * 2)
        _ask_for_all(running)
        # parts look at what they keep more than once
        time.sleep(LOCKED_SECONDS)
        assert running.says("print(kept)") == "42"
        assert json.loads((state / "accounts.json").read_text()) == json.loads(accounts)
    assert refused.returncode != 0

    wait_for(running.is_ready, 60)
    assert_all_is_there(running)
    assert works_for_others(running, "after-full")


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Leave no byte on the disk of a folder."""
    file = folder / "ballast"
    with open(file, "wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(4096))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def test_a_killed_server_leaves_no_orphan_and_the_cluster_is_found_again(running):
    running.anna.send(
        "PUT",
        "/api/contents/kept.txt",
        {"type": "file", "format": "text", "content": "kept"},
    )
    server = running.pid("server of anna")
    mark = (running.hub.home / "state" / "instance").read_text()
    inside = {p.pid for p in of_instance(mark) if is_of_the_server(p)}
    assert len(inside) > 1

    os.kill(server, signal.SIGKILL)
    page = running.anna.get("/lab")
    wait_for(lambda: not any(map(psutil.pid_exists, inside)), 30)

    assert page.status_code in (502, 504)
    assert "Your server does not answer" in page.text
    # its page looks again by itself, and offers another one soon
    wait_for(lambda: "Your server is not running" in running.anna.get("/lab").text, 20)
    running.anna.start_server()
    running.kernel = running.anna.start_kernel()

    assert running.anna.get("/api/contents/kept.txt").json()["content"] == "kept"
    assert running.says(CONNECT.format(name=running.cluster)) == "42\n3"


def is_of_the_server(process: psutil.Process) -> bool:
    """Whether a process runs in the sandbox of anna's server."""
    with suppress(psutil.Error):
        environment = process.environ()
        cluster = "DASK_GATEWAY_CLUSTER_NAME" in environment
        return environment.get("JUPYTERHUB_USER") == "anna" and not cluster
    return False


@pytest.fixture
def carl(running: Running) -> Iterator[tuple[Person, Path]]:
    """Give carl a home on a small disk, and a server."""
    running.hub.add("carl")
    uid = running.hub.accounts()["carl"]["uid"]
    home = running.hub.home / "homes" / "carl"
    home.mkdir()
    options = f"size={HOME_DISK},uid={uid},gid={uid},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", home], check=True)
    person = Person(running.hub.address, "carl", PASSWORD)
    try:
        person.start_server()
        yield person, home
    finally:
        person.stop_server()
        subprocess.run(["umount", "--lazy", home], check=True)


@IN_CONTAINERS
def test_in_a_full_home_what_runs_goes_on_and_a_rescue_start_makes_room(carl):
    """As test_starting shows it for processes of the machine."""
    person, home = carl
    kernel = person.start_kernel()
    person.run("kept = 42", kernel)

    with full(home):
        text = {"type": "file", "format": "text", "content": "x" * 10**5}
        refused = person.send("PUT", "/api/contents/new.txt", text)
        assert person.run("print(kept)", kernel) == "42\n"
        person.stop_server()
        wait_for(lambda: person.get("/api/status").status_code == 424, 30)
        page = person.session.get(f"{person.address}/hub/spawn/carl", timeout=60)
        person.session.get(f"{person.address}/hub/spawn/carl?opt-rescue=1", timeout=60)
        person.start_server()
        deleted = person.send("DELETE", "/api/contents/ballast")

    assert refused.status_code == 507
    assert "new.txt was not saved: there is no room left" in refused.json()["message"]
    assert "Your home is full: there are 0 B left" in page.text
    assert "opt-rescue=1" in page.text
    assert deleted.status_code == 204

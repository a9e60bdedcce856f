"""An upgrade beneath people who work: two generations side by side, and back again.

The tests run in this order on one installation, whose environments are those of a real
one, copied as links; each generation has a module that says which one it is.
"""

import json
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil
import pytest
from daisy_hub.processes import of_instance
from hubs import PASSWORD, Hub, prepared, wait_for
from installations import Installation, Person

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

CLUSTER = """
from dask_gateway import Gateway
import os
kept = 42
gateway = Gateway()
cluster = gateway.new_cluster(shutdown_on_close=False)
cluster.scale(1)
client = cluster.get_client()
client.wait_for_workers(1, timeout=60)
client.publish_dataset(client.submit(sum, [40, 2], pure=False), name="result")
print(client.get_dataset("result").result(timeout=60))
"""
# on a worker that was started after the upgrade, for a client from before
NEW_WORKER = """
def there():
    import daisy_generation
    return daisy_generation.name
before = set(client.scheduler_info()["workers"])
cluster.scale(2)
client.wait_for_workers(2, timeout=60)
(new,) = set(client.scheduler_info()["workers"]) - before
print(client.submit(there, workers=[new], pure=False).result(timeout=60))
print(client.get_dataset("result").result(timeout=60))
"""
NEW_CLUSTER = """
name = gateway.submit()
print(gateway.get_cluster(name).options["generation"])
gateway.stop_cluster(name)
"""
WHICH = "import daisy_generation; print(daisy_generation.name)"


class Upgraded(Hub):
    """A hub that is called as an operator of it does: the newest one's command."""

    def command(self, *words: str, answer: str = "") -> subprocess.CompletedProcess:
        environment = {n: v for n, v in os.environ.items() if n != "DAISY_SETTINGS"}
        return subprocess.run(
            [self.home / "envs" / "hub" / "bin" / "daisy-hub", *words],
            env=environment,
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=150,
            check=False,
        )

    def install(self, real: Installation, number: str) -> None:
        """Put a generation of the hub and of the users' software beside the others."""
        envs = self.home / "envs"
        hub = real.home.joinpath("envs", "hub").resolve()
        for source, target in ((hub, f"hub-{number}"), (real.software, number)):
            shutil.copytree(source, envs / target, symlinks=True, copy_function=os.link)
        (packages,) = (envs / number).glob("lib/python*/site-packages")
        (packages / "daisy_generation.py").write_text(f"name = {number!r}\n")
        (envs / "hub.draft").symlink_to(f"hub-{number}")
        (envs / "hub.draft").replace(envs / "hub")

    def bring(self, number: str) -> str:
        software = str(self.home / "envs" / number)
        return self.does("bring", number, software, "--version", f"0.{number[-1]}")

    def listed(self) -> dict[str, list[str]]:
        """Return the rows of `daisy-hub generations`, by the names in them."""
        rows = (line.split() for line in self.does("generations").splitlines())
        return {next(w for w in row if w != "*"): row for row in rows}

    def pids(self, *parts: str) -> dict[str, int]:
        """Return the pids of parts that run."""
        rows = (r.split(None, 1) for r in self.command("status").stdout.splitlines())
        found = {name: int(pid) for pid, name in rows if pid.isdigit()}
        return {part: found[part] for part in parts}

    def log_in(self, name: str) -> Person:
        self.add(name)
        person = Person(self.address, name, PASSWORD)
        person.start_server()
        return person


@dataclass
class Scene:
    """A hub, anna who works since the first generation, and what has happened."""

    hub: Upgraded
    real: Installation
    anna: Person
    kernel: str

    def says(self, code: str) -> list[str]:
        return self.anna.run(code, self.kernel, 120).split()


@pytest.fixture(scope="module")
def scene(
    demo_installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    made = prepared(tmp_path_factory.mktemp("generations"))
    hub = Upgraded(made.home, made.port)
    settings = hub.settings_file.read_text().splitlines()
    kept = [line for line in settings if not line.startswith("user_environment")]
    hub.settings_file.write_text("\n".join(kept).replace("= false", "= true") + "\n")
    hub.install(demo_installation, "gen-1")
    hub.bring("gen-1")
    try:
        hub.does("up")
        anna = hub.log_in("anna")
        kernel = anna.start_kernel()
        said = anna.run(CLUSTER, kernel, 120).split()
        assert said[-1] == "42", said
        yield Scene(hub, demo_installation, anna, kernel)
    finally:
        hub.command("down")
        for process in of_instance((hub.home / "state" / "instance").read_text()):
            with suppress(psutil.Error):
                process.kill()


def test_an_upgrade_replaces_the_hub_and_ends_neither_kernel_nor_cluster(scene):
    hub = scene.hub
    parts = "hub", "gateway", "grants", "supervisor"
    lasting = "proxy", "gateway-proxy", "server of anna"
    before = hub.pids(*parts, *lasting)

    hub.install(scene.real, "gen-2")
    started = time.monotonic()
    said = hub.bring("gen-2") + hub.does("up")
    print(f"upgraded in {time.monotonic() - started:.1f} s")

    now = hub.pids(*parts, *lasting)
    for part in parts:
        assert now[part] != before[part]
        assert str(hub.home / "envs" / "hub-gen-2") in command_line(now[part])
    for part in lasting:
        assert now[part] == before[part]
    assert "New servers get the generation gen-2." in said
    kept = scene.says("print(kept, client.get_dataset('result').result(timeout=60))")
    assert kept == ["42", "42"]


def command_line(pid: int) -> str:
    return " ".join(psutil.Process(pid).cmdline())


def test_the_state_was_backed_up_before_databases_could_change(scene):
    (backup,) = (scene.hub.home / "backups").iterdir()

    assert backup.stat().st_mode & 0o077 == 0
    with tarfile.open(backup) as archive:
        assert {"jupyterhub.sqlite", "gateway.sqlite"} <= set(archive.getnames())


def test_what_a_running_kernel_imports_is_of_its_own_generation(scene):
    assert scene.says(WHICH) == ["gen-1"]


def test_new_workers_of_an_older_cluster_are_of_its_generation(scene):
    assert scene.says(NEW_WORKER) == ["gen-1", "42"]


def test_a_new_cluster_is_of_the_generation_of_who_asks(scene):
    assert scene.says(NEW_CLUSTER) == ["gen-1"]


def test_who_asks_for_a_generation_that_is_not_there_is_told_which_are(scene):
    code = (
        "try: gateway.submit(generation='gen-9')\nexcept Exception as e: print(str(e))"
    )

    said = " ".join(scene.says(code))

    assert said == "There is no generation gen-9. There are: gen-1, gen-2."


def test_the_pages_of_the_older_server_go_on_through_the_newer_hub(scene):
    hub = scene.hub
    user = scene.anna.session.get(f"{hub.address}/hub/api/users/anna", timeout=30)

    assert user.json()["server"] == "/user/anna/"
    assert scene.anna.get("/lab").status_code == 200
    # its token is valid: the server asks the hub who comes
    assert scene.anna.get("/api/me").json()["identity"]["username"] == "anna"


def test_a_new_server_gets_the_new_generation(scene):
    ben = scene.hub.log_in("ben")

    assert ben.run(WHICH) == "gen-2\n"
    assert scene.hub.listed()["gen-1"][-4:] == ["servers", "1", "clusters", "1"]
    assert scene.hub.listed()["gen-2"][-4:] == ["servers", "1", "clusters", "0"]
    assert scene.hub.listed()["gen-2"][0] == "*"


def test_a_rollback_holds_for_new_servers_at_once_and_restarts_nothing(scene):
    hub = scene.hub
    before = hub.pids("hub", "gateway", "server of ben")

    said = hub.does("rollback")
    carl = hub.log_in("carl")

    assert "New servers get gen-1." in said
    assert carl.run(WHICH) == "gen-1\n"
    assert hub.pids(*before) == before
    (*_, noted) = hub.audit("generation.chosen")
    assert (noted["generation"], noted["before"]) == ("gen-1", "gen-2")


def test_another_up_of_the_same_sources_keeps_the_rollback(scene):
    said = scene.hub.bring("gen-2")

    assert "gen-1, which was chosen instead of gen-2" in said
    assert scene.hub.listed()["gen-1"][0] == "*"


def test_there_is_none_before_the_oldest_and_none_of_an_unknown_name(scene):
    oldest = scene.hub.command("rollback")
    unknown = scene.hub.command("rollback", "gen-7")

    assert oldest.returncode == unknown.returncode == 1
    assert "no generation before the current one" in oldest.stdout
    assert "There are: gen-1, gen-2." in unknown.stdout


def test_pruning_removes_what_nobody_uses_and_nothing_else(scene):
    hub, envs = scene.hub, scene.hub.home / "envs"
    for number in ("gen-3", "gen-4"):
        hub.install(scene.real, number)
        hub.bring(number)

    with_ben = hub.does("generations", "--prune")
    Person(hub.address, "ben", PASSWORD).stop_server()
    wait_for(lambda: hub.listed()["gen-2"][-3] == "0", 30)
    without = hub.does("generations", "--prune")

    assert "gen-" not in with_ben.splitlines()[0]
    assert without.splitlines()[0] == "Removed: gen-2."
    assert set(hub.listed()) == {"gen-1", "gen-3", "gen-4"}
    assert not (envs / "gen-2").exists()
    # whose sandboxes see its configuration, and from which the hub runs
    assert (envs / "hub-gen-1").exists()
    assert (envs / "hub-gen-2").exists()
    assert scene.says(f"print(kept); {WHICH}") == ["42", "gen-1"]


def test_a_current_generation_that_is_missing_is_said_with_what_to_do(scene):
    hub = scene.hub
    hidden = hub.home / "envs" / "hidden"
    hub.home.joinpath("envs", "gen-4").rename(hidden)

    check = hub.command("check").stdout
    listed = hub.listed()["gen-4"]
    back = hub.does("rollback", "gen-3")
    missing = hub.command("rollback", "gen-4").stdout

    assert "gen-4 is missing" in check
    assert "daisy-hub rollback NAME" in check
    assert listed[-1] == "MISSING"
    assert "New servers get gen-3." in back
    assert "gen-4 is missing" in missing


def test_what_the_list_holds_is_whole_json_for_its_owner_alone(scene):
    file = scene.hub.home / "state" / "generations" / "generations.json"

    assert json.loads(file.read_text())["current"] == "gen-3"
    assert file.stat().st_mode & 0o777 == 0o600

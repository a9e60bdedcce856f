"""Two images side by side beneath people who work, and back again.

The tests run in this order; the second image is the first with one more file.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from containers import DockerEngine
from installations import Installation, Person

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(600)]

SECOND = "daisy/lab:second"
PACKAGES = "/opt/daisy/lab/lib/python{}.{}/site-packages".format(*sys.version_info)
WHICH = """
try: import daisy_generation
except ModuleNotFoundError: print("first")
else: print(daisy_generation.name)
"""
CLUSTER = """
from dask_gateway import Gateway
kept = 42
gateway = Gateway(); cluster = gateway.new_cluster(shutdown_on_close=False)
client = cluster.get_client()
"""
WORKER = """
cluster.scale(1); client.wait_for_workers(1, timeout=90)
print(kept, client.submit(sum, [40, 2]).result(timeout=60))
"""


@dataclass
class Scene:
    """An installation with anna at work, and what the engine says of it."""

    installation: Installation
    engine: DockerEngine
    anna: Person
    kernel: str

    def says(self, code: str) -> str:
        return self.anna.run(code, self.kernel, 150).strip()

    def hub(self, *words: str) -> str:
        done = self.installation.hub(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def image(self, part: str, account: str = "") -> str:
        """Return the image of the one container of a part."""
        instance = (self.installation.home / "state" / "instance").read_text()
        wanted = {"instance": instance, "part": part, "account": account}
        filters = [f"--filter=label=org.daisy.{k}={v}" for k, v in wanted.items()]
        return self.engine.run("ps", *filters, "--format", "{{.Image}}").strip()

    def listed(self, name: str) -> str:
        (row,) = (
            line
            for line in self.hub("generations").splitlines()
            if f" {name} " in f"{line} "
        )
        return row

    def make_image(self, base: str, tag: str, folder: Path, *lines: str) -> None:
        folder.joinpath("Dockerfile").write_text("\n".join([f"FROM {base}", *lines]))
        self.engine.run("build", "--quiet", "--tag", tag, str(folder))


@pytest.fixture(scope="module")
def scene(
    docker_installation: Installation,
    docker_engine: DockerEngine,
    log_in: Callable[[Installation, str], Person],
) -> Iterator[Scene]:
    anna = log_in(docker_installation, "anna")
    kernel = anna.start_kernel()
    anna.run(CLUSTER, kernel, 120)
    kept = docker_installation.home / "state" / "generations" / "generations.json"
    before = kept.read_text()
    yield Scene(docker_installation, docker_engine, anna, kernel)
    kept.write_text(before)  # others have this installation too
    anna.run("gateway.stop_cluster(cluster.name)", kernel)
    for tag in ("second", "third", "fourth"):
        docker_engine.run("rmi", f"daisy/lab:{tag}", check=False)


@pytest.fixture(scope="module")
def ben(docker_installation: Installation, log_in) -> Person:
    return log_in(docker_installation, "ben")


@pytest.fixture(scope="module")
def first(scene: Scene) -> str:
    """Image of anna's server."""
    return scene.image("server", "anna")


def test_images_have_a_tag_by_their_content_and_one_that_moves(scene, images):
    def identity(name: str) -> str:
        return scene.engine.run("image", "inspect", "--format", "{{.Id}}", name)

    assert identity(images["lab"]) == identity("daisy/lab:latest")
    assert (
        scene.listed(images["lab"].removeprefix("daisy/").replace(":", "-"))[0] == "*"
    )


def test_a_new_server_gets_the_new_image_and_a_running_one_keeps_its_own(
    scene, first, ben, tmp_path
):
    (tmp_path / "daisy_generation.py").write_text("name = 'second'\n")
    copy = f"COPY daisy_generation.py {PACKAGES}/"
    scene.make_image(first, SECOND, tmp_path, copy, "LABEL generation=second")
    ben.stop_server()

    scene.hub("bring", "lab-second", SECOND, "--version", "0.2")
    ben.start_server()

    assert ben.run(WHICH) == "second\n"
    assert scene.image("server", "ben") == SECOND
    assert scene.says(WHICH) == "first"
    assert scene.says("print(kept)") == "42"
    assert scene.image("server", "anna") == first


def test_a_worker_is_of_the_image_of_its_owners_server(scene, first):
    assert scene.says(WORKER).splitlines()[-1] == "42 42"
    assert scene.image("scheduler", "anna") == first
    assert scene.image("worker", "anna") == first
    assert scene.listed("lab-second").endswith("servers 1    clusters 0")


def test_an_image_that_somebody_has_is_not_removed(scene, ben):
    for tag in ("third", "fourth"):
        scene.engine.run("tag", SECOND, f"daisy/lab:{tag}")
        scene.hub("bring", f"lab-{tag}", f"daisy/lab:{tag}", "--version", "0.3")

    said = scene.hub("generations", "--prune").splitlines()[0]

    assert said == "Removed: nothing."
    assert ben.run(WHICH) == "second\n"


def test_a_rollback_holds_for_the_next_start_and_what_nobody_has_can_go(
    scene, first, ben
):
    scene.hub("rollback", first.removeprefix("daisy/").replace(":", "-"))
    running = ben.run(WHICH)
    ben.stop_server()
    said = scene.hub("generations", "--prune").splitlines()[0]
    ben.start_server()

    form = "images", "--format", "{{.Repository}}:{{.Tag}}"
    assert running == "second\n"
    assert ben.run(WHICH) == "first\n"
    assert scene.image("server", "ben") == first
    assert said == "Removed: lab-second."
    assert SECOND not in scene.engine.run(*form).splitlines()
    assert scene.says("print(kept)") == "42"


def test_the_hub_cannot_change_the_list_that_the_launcher_believes(scene):
    instance = (scene.installation.home / "state" / "instance").read_text()
    folder = scene.installation.home / "state" / "generations"
    for part in ("hub", "gateway"):
        inside = "exec", f"daisy-{instance}-{part}", "touch"

        written = scene.engine.run(*inside, f"{folder.parent}/by-{part}", check=False)
        refused = scene.engine.run(*inside, f"{folder}/by-{part}", check=False)

        assert written == ""
        assert "Read-only" in refused


def test_an_upgrade_replaces_hub_and_gateway_and_neither_proxies_nor_servers(
    scene, first, tmp_path
):
    settings = scene.installation.home / "state" / "settings.toml"
    before = settings.read_text()
    old = scene.image("hub")
    scene.make_image(old, "daisy/hub:second", tmp_path, "LABEL generation=second")
    settings.write_text(before.replace(old, "daisy/hub:second"))

    started = time.monotonic()
    scene.hub("up")
    print(f"upgraded in {time.monotonic() - started:.1f} s")
    images = {p: scene.image(p) for p in ("hub", "gateway", "proxy", "gateway-proxy")}
    said = scene.says("print(kept, client.submit(sum, [40, 2]).result(timeout=60))")
    user = scene.anna.session.get(
        f"{scene.installation.address}/hub/api/users/anna", timeout=30
    ).json()
    settings.write_text(before)
    scene.hub("up")

    assert images == {
        "hub": "daisy/hub:second", "gateway": "daisy/hub:second",
        "proxy": old, "gateway-proxy": old,
    }  # fmt: skip
    assert said == "42 42"
    assert user["server"] == "/user/anna/"
    assert scene.image("server", "anna") == first
    assert scene.image("hub") == old

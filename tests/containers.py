"""A container engine of the tests' own, and an installation that runs on it."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from installations import ROOT, Installation

START_SECONDS = 60
# little enough that a test can use it up, and enough for the notebook of the journey
MEMORY = "1500 MiB"
LIMITS = (
    f'limits = {{ memory = "{MEMORY}", cpus = 2.0, processes = 150, '
    'scratch = "64 MiB" }, '
    'worker = { memory = "600 MiB", cpus = 1.0, processes = 100, scratch = "64 MiB" }'
)


@dataclass(frozen=True)
class DockerEngine:
    """A daemon and the command that talks to it."""

    url: str

    def run(self, *words: str, check: bool = True) -> str:
        """Call docker; return what it prints, errors too."""
        result = subprocess.run(
            ["docker", *words],
            env={**os.environ, "DOCKER_HOST": self.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert result.returncode == 0 or not check, result.stdout
        return result.stdout

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DOCKER_HOST": self.url}


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[DockerEngine]:
    """Start a daemon below the checkout; its images stay for the next run."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a container engine")
    folder = ROOT / ".daisy" / "docker"
    engine = DockerEngine(f"unix://{folder}/docker.sock")
    if _answers(engine):
        yield engine
        return
    folder.mkdir(parents=True, exist_ok=True)
    # of a daemon that was killed
    (folder / "docker.pid").unlink(missing_ok=True)
    with open(folder / "log", "ab") as log:
        daemon = subprocess.Popen(
            ["dockerd", "--data-root", folder / "data", "--exec-root", folder / "exec",
             "--host", engine.url, "--pidfile", folder / "docker.pid"],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        limit = time.monotonic() + START_SECONDS
        while not _answers(engine):
            assert daemon.poll() is None, (folder / "log").read_text()[-2000:]
            assert time.monotonic() < limit, "dockerd does not answer"
            time.sleep(0.2)
        yield engine
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)


def _answers(engine: DockerEngine) -> bool:
    return "Server Version" in engine.run("info", check=False)


@pytest.fixture(scope="session")
def make_images(docker_engine: DockerEngine) -> Callable[..., str]:
    """Call `make images` with more words; return what it prints."""
    checkout = Installation(ROOT, ROOT / ".daisy", docker_engine.environment)

    def make(*words: str) -> str:
        result = checkout.make("images", *words)
        assert result.returncode == 0, result.stdout
        return result.stdout

    return make


@pytest.fixture(scope="session")
def images(make_images: Callable[..., str], wheels: Path) -> dict[str, str]:
    """Build the images of the present sources; name -> tag."""
    print(make_images(f"WHEELS={wheels}"))
    return dict(json.loads((ROOT / ".daisy" / "images.json").read_text()))


@pytest.fixture(scope="session")
def in_image(docker_engine: DockerEngine) -> Callable[[str, str], str]:
    """Run a shell script in a throw-away container: in_image(image, script)."""

    def run(image: str, script: str) -> str:
        words = ["run", "--rm", "--network", "none", "--read-only", image]
        return docker_engine.run(*words, "sh", "-c", script)

    return run


@pytest.fixture(scope="session")
def docker_home(
    docker_engine: DockerEngine,
    images: dict[str, str],
    wheels: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """Install the docker profile with a demo beamtime, for two accounts."""
    home = tmp_path_factory.mktemp("docker") / "daisy"
    (home / "state").mkdir(parents=True)
    # a kept server that is stopped by hand comes back soon
    lines = "data_is_demo = true", "watching_rest_seconds = 5"
    settings = "\n".join([*lines, f"containers = {{ {LIMITS} }}\n"])
    (home / "state" / "settings.toml").write_text(settings)
    for folder in (home, home / "state"):
        folder.chmod(0o700)
    installation = Installation(
        ROOT,
        home,
        docker_engine.environment,
        options=(f"WHEELS={wheels}", "PROFILE=docker"),
    )
    try:
        yield installation
    finally:
        installation.make("down")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def docker_installation(docker_home: Installation) -> Installation:
    """Run it; what an earlier module has ended is started again."""
    if "Ready" not in docker_home.make("status").stdout:
        print(docker_home.up())
    return docker_home


def containers_of(installation: Installation, part: str) -> list[str]:
    """Name an installation's running containers of one part, by account."""
    engine = DockerEngine(installation.environment["DOCKER_HOST"])
    instance = (installation.home / "state" / "instance").read_text()
    wanted = f"org.daisy.instance={instance}", f"org.daisy.part={part}"
    filters = [word for label in wanted for word in ("--filter", f"label={label}")]
    form = '{{.Label "org.daisy.account"}}'
    return sorted(engine.run("ps", *filters, "--format", form).split())

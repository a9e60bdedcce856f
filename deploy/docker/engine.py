"""The docker command line, as far as images need it."""

import os
import subprocess
from pathlib import Path

import places
from steps import Failed, run

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
ADVICE = (
    "Docker is needed: apt-get install docker.io, start dockerd, and let DOCKER_HOST "
    "name its socket where that is not /var/run/docker.sock."
)


def check() -> str:
    """Return the version of the daemon.

    Raises
    ------
    Failed
        There is no docker command, or no daemon answers.
    """
    return docker("version", "--format", "{{.Server.Version}}", advice=ADVICE).strip()


def docker(*words: str | Path, advice: str = "") -> str:
    """Call docker and return what it says."""
    # the plain builder is everywhere, the other one a package of its own
    env = {**os.environ, "DOCKER_BUILDKIT": "0"}
    return run(["docker", *words], env=env, log=places.LOG, advice=advice)


def run_in(image: str, folder: Path, *command: str | Path) -> str:
    """Run a command once, with a folder to write in and no network."""
    return docker(
        "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp",
        "--cap-drop", "ALL", "--user", f"{os.getuid()}:{os.getgid()}",
        "--volume", f"{folder}:{folder}", image, *command,
    )  # fmt: skip


def has_image(name: str) -> bool:
    """Whether an image is on this machine."""
    found = subprocess.run(
        ["docker", "image", "inspect", name], capture_output=True, check=False
    )
    return found.returncode == 0


def image_bytes(name: str) -> int:
    """Return the size of an image with the layers that it shares."""
    return int(docker("image", "inspect", "--format", "{{.Size}}", name))


def image_id(name: str) -> str:
    """Return the digest of an image's content.

    Raises
    ------
    Failed
        There is no such image.
    """
    if not has_image(name):
        raise Failed(f"there is no image {name} on this machine.")
    return docker("image", "inspect", "--format", "{{.Id}}", name).strip()

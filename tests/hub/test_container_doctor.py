"""`daisy-hub doctor` of the docker profile: it looks as a container of the account."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from daisy_hub.containers.labels import name

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

RAW = "B2/2026-0107"


@pytest.fixture(scope="module")
def ben(docker_installation, log_in):
    return log_in(docker_installation, "ben")


@pytest.fixture
def doctor(docker_installation) -> Callable[[], subprocess.CompletedProcess]:
    return lambda: docker_installation.hub("doctor", "ben")


@contextmanager
def changed(file: Path, pattern: str, text: str) -> Iterator[None]:
    """Change the settings meanwhile."""
    before = file.read_text()
    file.write_text(re.sub(pattern, text, before, count=1))
    assert file.read_text() != before
    try:
        yield
    finally:
        file.write_text(before)


def test_who_has_all_is_told_so_by_a_container_that_leaves_nothing(
    ben, doctor, docker_engine, docker_installation
):
    said = doctor()

    assert said.returncode == 0, said.stdout + said.stderr
    assert "Its container starts, and its home can be written." in said.stdout
    assert "folders are seen behind its wall" in said.stdout
    assert "The server of ben runs." in said.stdout
    assert "Now running for ben: clusters 0, workers 0." in said.stdout
    instance = (docker_installation.home / "state" / "instance").read_text()
    left = docker_engine.run("ps", "-a", "--format", "{{.Names}}")
    assert name(instance, "look", "ben") not in left


def test_data_whose_modes_forbid_what_is_granted_are_named(
    ben, doctor, docker_installation
):
    folder = Path(docker_installation.facts["data"]) / RAW
    mode = folder.stat().st_mode
    folder.chmod(0o700)
    try:
        said = doctor()
    finally:
        folder.chmod(mode)

    assert said.returncode == 1
    assert f"ben cannot use {RAW}, although it is granted" in said.stdout


def test_an_image_that_is_gone_is_named_with_what_to_do(
    ben, doctor, docker_installation
):
    file = docker_installation.home / "state" / "generations" / "generations.json"

    with changed(file, '"daisy/lab:.*?"', '"daisy/lab:gone"'):
        said = doctor()

    assert said.returncode == 1
    assert "A container of ben does not start: The image daisy/lab:gone" in said.stdout
    assert "make images" in said.stdout


def test_a_home_that_cannot_be_written_is_found_by_trying(
    ben, doctor, docker_installation
):
    home = docker_installation.home / "homes" / "ben"
    owner = home.stat()
    os.chown(home, 0, 0)
    try:
        said = doctor()
    finally:
        os.chown(home, owner.st_uid, owner.st_gid)

    assert said.returncode == 1
    assert "Its home cannot be written: " in said.stdout
    assert "Permission denied" in said.stdout


def test_how_the_last_server_ended_is_told(
    ben, doctor, docker_installation, docker_engine
):
    instance = (docker_installation.home / "state" / "instance").read_text()
    docker_engine.run("kill", name(instance, "server", "ben"))

    said = doctor()

    assert said.returncode == 1
    assert "The server of ben does not run now." in said.stdout
    ended = said.stdout.partition("The server has ended. ")[2].splitlines()
    assert ended[0] == "It ended with code 137."
    assert "ServerApp" in ended[1]


def test_a_launcher_that_is_away_is_named(ben, doctor, docker_installation):
    launcher = docker_installation.part("launcher")
    with docker_installation.unsupervised():
        os.kill(launcher, signal.SIGKILL)
        said = doctor()

    assert said.returncode == 1
    assert "launcher does not run" in said.stdout
    assert "A container of ben does not start: The launcher does not" in said.stdout
    assert "make up" in said.stdout
    docker_installation.up()

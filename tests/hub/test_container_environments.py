"""A named environment in containers: the same in a kernel and on the own workers."""

import re
from pathlib import Path

import pytest
from tinywheels import tiny_wheel

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

KERNEL = "daisy-env.mymethods"
ON_A_WORKER = """
import daisy_kernel as daisy
def which(_):
    import sys, mymethods
    return mymethods.version, sys.prefix
engine = daisy.engine("gateway", workers=1)
_, found = next(iter(engine.map(which, [0])))
print(*found)
engine.close()
"""


@pytest.fixture(scope="module")
def anna(docker_installation, log_in):
    return log_in(docker_installation, "anna")


@pytest.fixture(scope="module")
def kernel(anna, docker_installation) -> str:
    """Start a kernel of an environment with one package of anna's own in it."""
    home = docker_installation.home / "homes" / "anna"
    wheel = tiny_wheel(home, "mymethods", "1.5")
    made = anna.terminal("daisy env create mymethods", seconds=60)
    assert "is a kernel now" in made
    said = anna.terminal(
        f"daisy env install mymethods ~/{wheel.name} --no-index", seconds=60
    )
    assert "Successfully installed mymethods-1.5" in said
    return anna.start_kernel(KERNEL)


def test_it_is_a_kernel_with_the_own_package_and_the_usual_ones(anna, kernel):
    said = anna.run(
        "import mymethods, daisy_kernel, sys\nprint(mymethods.version, sys.prefix)",
        kernel,
    )

    version, prefix = said.split()
    assert version == "1.5"
    assert Path(prefix).is_relative_to("/home/anna")


def test_workers_of_a_cluster_have_the_same(anna, kernel):
    said = anna.run(ON_A_WORKER, kernel, seconds=120)

    last = said.splitlines()[-1]
    assert re.fullmatch(r"1\.5 /home/anna/\S*mymethods", last), said


def test_the_usual_environment_has_nothing_of_it(anna, kernel):
    said = anna.run("import mymethods")

    assert "ModuleNotFoundError" in said


def test_it_is_there_in_the_next_server(anna, kernel):
    anna.stop_server()
    anna.start_server()

    specs = anna.get("/api/kernelspecs").json()["kernelspecs"]
    again = anna.run("import mymethods\nprint(mymethods.version)",
                     anna.start_kernel(KERNEL))  # fmt: skip

    assert specs[KERNEL]["spec"]["display_name"] == "DAISY: mymethods"
    assert again == "1.5\n"

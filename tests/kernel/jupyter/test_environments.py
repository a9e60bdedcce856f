"""Named environments: packages of one's own over the usual ones, as a kernel."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from daisy_lab.kernelspecs import KernelSpecs
from tinywheels import tiny_wheel

from daisy_kernel.jupyter.environments import (
    create,
    environments,
    find,
    kernel_name,
    remove,
)
from daisy_kernel.model.errors import EnvironmentRefused

PROPOSAL = "B7/2026-0042"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAISY_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / PROPOSAL / "raw").mkdir(parents=True)
    (tmp_path / "data" / PROPOSAL / "processed").mkdir()


def run(python: Path, *words: str) -> str:
    done = subprocess.run([python, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_environment_has_the_usual_packages_and_takes_its_own(tmp_path):
    made = create("mymethods")
    run(made.python, "-m", "pip", "install", "--no-index", "-q",
        str(tiny_wheel(tmp_path, "mymethods", "1.5")))  # fmt: skip

    code = "import mymethods, numpy, daisy_kernel; print(mymethods.version)"

    assert run(made.python, "-c", code) == "1.5"
    usual = subprocess.run(
        [sys.executable, "-c", "import mymethods"], capture_output=True, check=False
    )
    assert usual.returncode != 0, "nothing was put into the usual environment"


def test_a_package_of_ones_own_goes_before_the_usual_one(tmp_path):
    made = create("older")
    run(made.python, "-m", "pip", "install", "--no-index", "-q", "--no-deps",
        str(tiny_wheel(tmp_path, "pint", "0.1")))  # fmt: skip

    assert run(made.python, "-c", "import pint; print(pint.version)") == "0.1"


def test_an_environment_is_a_kernel_at_once_also_where_others_see_the_folder(
    tmp_path, monkeypatch
):
    specs = KernelSpecs()
    assert not [n for n in specs.find_kernel_specs() if n.startswith("daisy-env")]

    shared = create("team", PROPOSAL)
    name = kernel_name(shared)
    assert name in specs.find_kernel_specs()
    spec = specs.get_kernel_spec(name)
    assert spec.display_name == f"DAISY: team ({PROPOSAL})"

    # another member has the proposal at another place
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    monkeypatch.setenv("DAISY_DATA", str(tmp_path / "elsewhere"))
    spec = specs.get_kernel_spec(name)
    python = spec.argv[0].replace("{resource_dir}", spec.resource_dir)
    prefix = run(Path(python), "-c", "import sys, daisy_kernel; print(sys.prefix)")
    assert Path(prefix).resolve() == find("team", PROPOSAL).folder.resolve()


def test_a_process_in_it_knows_its_environment(tmp_path):
    made = create("mymethods")
    code = (
        "from daisy_kernel.compute.software import environment_here as here;"
        "print(here())"
    )

    assert run(made.python, "-c", code) == str(made.folder.resolve())
    assert run(Path(sys.executable), "-c", code) == ""


@pytest.mark.parametrize("name", ["", "My", "../x", "a b", "x" * 42, ".x"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(EnvironmentRefused, match="no name"):
        create(name)


def test_a_name_that_is_taken_a_proposal_that_is_none_and_an_absent_one_are_refused():
    create("mine")

    with pytest.raises(EnvironmentRefused, match="already"):
        create("mine")
    with pytest.raises(EnvironmentRefused, match="no proposal B9/X"):
        create("mine", "B9/X")
    with pytest.raises(EnvironmentRefused, match="There are: mine"):
        find("other")


def test_one_whose_making_was_killed_is_none_and_can_be_made_again(tmp_path):
    half = create("half")
    (half.folder / "daisy-environment.json").unlink()
    assert environments() == []

    assert create("half") == half
    assert environments() == [half]


def test_a_removed_one_is_gone_and_its_kernel_too():
    made = create("short")
    remove(made)

    assert environments() == []
    assert kernel_name(made) not in KernelSpecs().find_kernel_specs()


def test_its_kernel_runs(tmp_path):
    from jupyter_client.manager import KernelManager

    made = create("mymethods")
    manager = KernelManager(
        kernel_name=kernel_name(made), kernel_spec_manager=KernelSpecs()
    )
    manager.start_kernel(env={**os.environ, "HOME": str(tmp_path)})
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(60)
        said: list[str] = []
        reply = client.execute_interactive(
            "import sys, json; print(json.dumps(sys.prefix))",
            output_hook=lambda message: said.append(message["content"].get("text", "")),
            timeout=30,
        )
        assert reply["content"]["status"] == "ok"
        prefix = json.loads("".join(said))
        assert Path(prefix).resolve() == made.folder.resolve()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

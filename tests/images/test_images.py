"""The images, built for real: what is in them, and what is not."""

import hashlib
import json
from pathlib import Path

import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parent.parent.parent
LARGEST = {"base": 300e6, "lab": 1.6e9, "hub": 0.8e9}
ENVIRONMENTS = {"lab": "/opt/daisy/lab", "hub": "/opt/daisy/hub"}


@pytest.mark.parametrize("name", ["lab", "hub"])
def test_packages_are_those_of_the_lock_file(images, in_image, name):
    python = f"{ENVIRONMENTS[name]}/bin/python"
    script = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.name.lower().replace('_', '-').replace('.', '-'): "
        "d.version for d in m.distributions()}))"
    )

    installed = json.loads(in_image(images[name], f'{python} -c "{script}"'))

    assert len(installed) > 60
    lock = (ROOT / "uv.lock").read_text()
    entries = {f'name = "{n}"\nversion = "{v}"' for n, v in installed.items()}
    assert {entry for entry in entries if entry not in lock} == set()
    assert ("daisy-hub" in installed) == (name == "hub")
    assert ("daisy-lab" in installed) == (name == "lab")


def test_results_can_say_which_lock_file_they_were_made_with(images, in_image):
    file = "/opt/daisy/lab/share/daisy/environment.json"

    said = json.loads(in_image(images["lab"], f"cat {file}"))

    digest = hashlib.sha256((ROOT / "uv.lock").read_bytes()).hexdigest()
    assert said == {"lock": digest}


@pytest.mark.parametrize("name", ["lab", "hub"])
def test_every_module_is_compiled_and_none_is_compiled_again(images, in_image, name):
    """A server with a read-only root would compile at each start."""
    script = (
        "import sys, pathlib, importlib.util as u\n"
        "modules = list(pathlib.Path(sys.prefix, 'lib').rglob('*.py'))\n"
        "for path in modules:\n"
        "    cache = pathlib.Path(u.cache_from_source(str(path)))\n"
        "    if not cache.exists():\n"
        "        print('missing', path); continue\n"
        "    head = cache.read_bytes()[:16]\n"
        "    mtime = int.from_bytes(head[8:12], 'little')\n"
        "    if head[4:8] == bytes(4) and mtime != int(path.stat().st_mtime):\n"
        "        print('stale', path)\n"
        "print(len(modules))"
    )

    said = in_image(images[name], f'{ENVIRONMENTS[name]}/bin/python -c "{script}"')

    assert int(said) > 1000  # and not a word besides


@pytest.mark.parametrize("name", ["lab", "hub"])
def test_an_image_knows_the_zone_that_it_is_told(images, in_image, name):
    assert in_image(images[name], "TZ=Asia/Shanghai date +%z") == "+0800\n"


def test_a_terminal_finds_our_programs(images, in_image):
    """It is a login shell: the system sets its PATH anew."""
    said = in_image(images["lab"], "bash -lc 'command -v daisy python'")

    assert said.split() == ["/opt/daisy/lab/bin/daisy", "/opt/daisy/lab/bin/python"]


@pytest.mark.parametrize("name", ["base", "lab", "hub"])
def test_nothing_that_builds_or_installs_is_inside(images, in_image, name):
    tools = "cc gcc c++ make cargo rustc npm node uv pip pip3 docker git curl wget"

    said = in_image(
        images[name],
        f"for t in {tools}; do command -v $t; done; ls -d /third-party /own-wheels "
        "/own /requirements.txt /opt/daisy/*/bin/pip* 2>/dev/null; true",
    )

    assert said == ""


@pytest.mark.parametrize("name", ["base", "lab", "hub"])
def test_nothing_of_the_machine_that_built_it_is_inside(images, docker_engine, name):
    config = json.loads(
        docker_engine.run("image", "inspect", "--format", "{{json .Config}}",
                          images[name])
    )  # fmt: skip
    history = docker_engine.run("history", "--no-trunc", "--quiet", images[name])

    assert {e.partition("=")[0] for e in config["Env"]} <= {"PATH", "LANG"}
    assert str(ROOT) not in history + json.dumps(config)
    assert config["User"] == "65534:65534"


@pytest.mark.parametrize("name", ["base", "lab", "hub"])
def test_an_image_is_not_larger_than_it_was(images, docker_engine, name):
    size = int(docker_engine.run("image", "inspect", "--format", "{{.Size}}",
                                 images[name]))  # fmt: skip
    print(f"{images[name]}: {size / 1e6:.0f} MB")

    assert size < LARGEST[name]


def test_a_new_version_of_ours_is_a_small_layer(images, docker_engine):
    sizes = docker_engine.run("history", "--human=false", "--format", "{{.Size}}",
                              images["lab"])  # fmt: skip

    *ours, third_party = [int(s) for s in sizes.split() if int(s) > 1e5][:2]

    assert ours[0] < 60e6
    assert third_party > 10 * ours[0]


def test_what_is_there_is_not_built_again(images, docker_engine, wheels, make_images):
    said = make_images(f"WHEELS={wheels}")

    assert "building" not in said
    assert all(name in said for name in images.values())

"""An environment is made beside the others, once for each content of the wheels."""

import importlib
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from installations import ROOT

MODULES = "environments", "places", "steps", "tools", "wheelhouse"


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The installer's modules for an installation in *tmp_path*; nothing is fetched."""
    monkeypatch.setenv("DAISY_HOME", str(tmp_path / "daisy"))
    monkeypatch.syspath_prepend(str(ROOT / "deploy" / "local"))
    environments, places = (
        importlib.import_module(name) for name in ("environments", "places")
    )
    for name in MODULES:  # they look where they are once: the next test has its own
        sys.modules.pop(name)
    places.make()
    made: list[Path] = []

    def install(draft: Path, options: list[str], own: list[Path]) -> None:
        made.append(draft)
        (draft / "bin").mkdir(parents=True)

    monkeypatch.setattr(environments, "_install", install)
    return SimpleNamespace(environments=environments, places=places, made=made)


def wheels(folder: Path, *, code: str, when: int = 2026) -> Path:
    """Write wheels with one module, packed in a year."""
    folder.mkdir(exist_ok=True)
    for name in ("daisy_kernel", "daisy_lab", "daisy_hub"):
        with zipfile.ZipFile(folder / f"{name}-0.1.0-py3-none-any.whl", "w") as wheel:
            entry = zipfile.ZipInfo(f"{name}/code.py", (when, 1, 1, 0, 0, 0))
            wheel.writestr(entry, code)
            wheel.writestr(f"{name}-0.1.0.dist-info/sboms/x.json", str(time.time_ns()))
    return folder


def test_the_same_code_packed_again_is_the_same_environment(local, tmp_path):
    first = local.environments.install("user", wheels(tmp_path / "a", code="x = 1"))
    again = local.environments.install(
        "user", wheels(tmp_path / "b", code="x = 1", when=2027)
    )

    assert first == again
    assert len(local.made) == 1


def test_other_code_has_an_environment_of_its_own_beside_the_first(local, tmp_path):
    first = local.environments.install("user", wheels(tmp_path / "a", code="x = 1"))
    other = local.environments.install("user", wheels(tmp_path / "b", code="x = 2"))

    assert first != other
    assert (first / "bin").is_dir()
    assert (other / "bin").is_dir()


def test_what_a_kill_has_left_half_made_is_made_anew(local, tmp_path):
    folder = wheels(tmp_path / "a", code="x = 1")
    name = local.environments.install("user", folder).name
    whole = local.places.ENVIRONMENTS / name
    whole.rename(whole.with_name(f".{name}"))
    (whole.with_name(f".{name}") / "half").touch()

    assert local.environments.install("user", folder) == whole
    assert not (whole / "half").exists()


def test_commands_are_those_of_the_newest_hub_and_the_older_stays(local, tmp_path):
    installed = [
        local.environments.install("hub", wheels(tmp_path / str(n), code=f"x = {n}"))
        for n in (1, 2)
    ]
    for folder in installed:
        local.environments.use_hub(folder)

    assert local.places.HUB.resolve() == installed[1]
    assert installed[0].exists()


def test_a_hub_from_before_there_were_generations_gives_way(local, tmp_path):
    (local.places.HUB / "bin").mkdir(parents=True)
    folder = local.environments.install("hub", wheels(tmp_path / "a", code="x = 1"))

    local.environments.use_hub(folder)

    assert local.places.HUB.resolve() == folder


def test_the_version_is_that_of_the_wheels(local, tmp_path):
    assert local.environments.version(wheels(tmp_path / "a", code="")) == "0.1.0"

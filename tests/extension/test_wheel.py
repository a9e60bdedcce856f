"""What the wheel of the extension holds."""

import json
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(wheels):
    (built,) = wheels.glob("daisy_lab-*.whl")
    with zipfile.ZipFile(built) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_wheel_holds_the_page_the_server_part_and_the_templates(wheel):
    names = wheel.namelist()
    data = f"{wheel.namelist()[-1].split('.dist-info')[0]}.data/data"
    share = f"{data}/share/jupyter/labextensions/daisy-lab"
    config = f"{data}/etc/jupyter/jupyter_server_config.d/daisy_lab.json"

    assert f"{share}/static/style.js" in names
    assert [name for name in names if f"{share}/static/remoteEntry" in name]
    assert f"{share}/install.json" in names
    assert "daisy_lab/app.py" in names
    assert "daisy_lab/pages/feed.html" in names
    assert json.loads(wheel.read(config)) == {
        "ServerApp": {"jpserver_extensions": {"daisy_lab": True}}
    }
    package = json.loads(wheel.read(f"{share}/package.json"))
    source = json.loads((ROOT / "extension" / "package.json").read_text())
    assert package["version"] == source["version"]
    for template in (ROOT / "notebooks-templates").glob("*/*.ipynb"):
        assert f"daisy_lab/templates/{template.parent.name}/{template.name}" in names
    assert "daisy_lab/templates/index.yaml" in names
    assert not [name for name in names if "node_modules" in name or "/src/" in name]


def test_the_lock_names_no_registry():
    lock = (ROOT / "extension" / "package-lock.json").read_text()
    assert '"resolved"' not in lock


def test_python_and_page_have_one_version():
    import tomllib

    import daisy_lab

    project = tomllib.loads((ROOT / "extension" / "pyproject.toml").read_text())
    source = json.loads((ROOT / "extension" / "package.json").read_text())
    assert project["project"]["version"] == source["version"] == daisy_lab.__version__

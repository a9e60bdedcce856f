"""What is in the wheels, and what is not."""

import re
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def content(wheels):
    """Names in a distribution's wheel: content("daisy_lab")."""

    def content(distribution: str) -> list[str]:
        (path,) = wheels.glob(f"{distribution}-*.whl")
        return zipfile.ZipFile(path).namelist()

    return content


def test_the_kernel_carries_its_core_and_none_of_the_cores_sources(content):
    names = content("daisy_kernel")

    assert [n for n in names if re.fullmatch(r"daisy_kernel/native/_core\S*\.so", n)]
    assert not [n for n in names if n.endswith((".rs", "Cargo.toml", "Cargo.lock"))]
    assert {n.split("/")[0] for n in names} == {
        "daisy_kernel",
        "daisy_kernel-0.1.0.data",
        "daisy_kernel-0.1.0.dist-info",
    }


def test_the_kernels_core_serves_every_python_from_the_floor_on(wheels):
    (path,) = wheels.glob("daisy_kernel-*.whl")

    assert "-cp311-abi3-" in path.name


def test_the_hub_carries_its_configuration_and_pages(content):
    names = content("daisy_hub")

    for name in (
        "jupyterhub_config.py",
        "gateway_config.py",
        "user_config/jupyter_server_config.json",
        "user_config/jupyter_server_config.d/daisy.json",
        "user_config/labconfig/page_config.json",
        "templates/page.html",
        "static/daisy.svg",
    ):
        assert f"daisy_hub/{name}" in names


@pytest.mark.parametrize(
    ("lock", "hosts"),
    [
        ("uv.lock", {"pypi.org", "files.pythonhosted.org"}),
        ("daisy_kernel/native/Cargo.lock", {"github.com"}),
        ("extension/package-lock.json", set()),
    ],
)
def test_lock_files_name_no_other_registry(lock, hosts):
    text = (ROOT / lock).read_text()

    # where something is fetched from; home pages are addresses too
    fetched = (
        r'(?:resolved"?: "|registry = "|url = "|source = "registry\+)https?://([^/"]+)'
    )
    assert set(re.findall(fetched, text)) == hosts

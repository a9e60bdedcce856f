"""Which mirror a base image is made from: the one of this machine's own packages."""

import importlib.util
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for folder in ("local", "docker"):
        monkeypatch.syspath_prepend(str(DEPLOY / folder))
    spec = importlib.util.spec_from_file_location(
        "base_of_images", DEPLOY / "docker" / "base.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("engine", "places", "steps"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(module, "APT", tmp_path)
    (tmp_path / "sources.list.d").mkdir()
    return module


def test_the_public_mirror_is_used_where_nothing_is_named(base):
    assert base.mirror() == "http://deb.debian.org/debian"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sources.list", "deb http://near.example/debian bookworm main\n"),
        ("sources.list", "deb [arch=amd64] http://near.example/debian bookworm main"),
        (
            "sources.list.d/debian.sources",
            "Types: deb\nURIs: http://near.example/debian\nSuites: bookworm\n",
        ),
    ],
)
def test_the_mirror_of_the_machine_is_used_in_both_ways_to_write_it(base, name, text):
    (base.APT / name).write_text(text)

    assert base.mirror() == "http://near.example/debian"


def test_the_mirror_of_security_updates_is_not_taken_for_it(base):
    (base.APT / "sources.list").write_text(
        "# deb http://old.example/debian bookworm main\n"
        "deb http://near.example/debian-security bookworm-security main\n"
        "deb http://near.example/debian bookworm main\n"
    )

    assert base.mirror() == "http://near.example/debian"

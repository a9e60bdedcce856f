"""A small installation on disk, without servers: accounts, a tree, settings."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from daisy_hub.homes import accounts_of, view_of
from daisy_hub.settings import Settings, load
from daisy_hub.views import views_below

PASSWORD = "a-long-password"


@pytest.fixture
def new_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Settings]]:
    """Make settings of an installation in *tmp_path*: new_settings(tree="...")."""
    made: list[Settings] = []

    def make(**entries: object) -> Settings:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        content = {
            "home": str(tmp_path),
            "data": str(data),
            "user_environment": "/env",
            **entries,
        }
        file = tmp_path / "settings.toml"
        file.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in content.items()))
        monkeypatch.setenv("DAISY_SETTINGS", str(file))
        settings = load()
        settings.state.mkdir(exist_ok=True)
        made.append(settings)
        return settings

    yield make
    for settings in made:
        for name in views_below(settings.views):
            view_of(settings, name).end()


@pytest.fixture
def settings(new_settings: Callable[..., Settings]) -> Settings:
    """An installation with two accounts and three proposals without members."""
    settings = new_settings()
    for name in ("anna", "ben"):
        accounts_of(settings).add(name, PASSWORD)
    for name in ("B7/P1", "B7/P2", "B2/P3"):
        (settings.data / name / "raw").mkdir(parents=True)
    return settings


@pytest.fixture
def say(settings: Settings) -> Callable[[str], None]:
    """Write members.toml."""

    def write(text: str) -> None:
        (settings.data / "members.toml").write_text(text)

    return write

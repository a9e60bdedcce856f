"""Login by the accounts file, asked as the hub asks."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from daisy_hub.authenticator import LocalAccounts
from daisy_hub.homes import accounts_of
from daisy_hub.settings import load


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "settings.toml"
    file.write_text(
        f'home = "{tmp_path}"\ndata = "{tmp_path}"\nuser_environment = "/env"\n'
    )
    monkeypatch.setenv("DAISY_SETTINGS", str(file))
    accounts = accounts_of(load())
    accounts.add("anna", "a long password")
    return accounts


def log_in(name: str, password: str) -> str | None:
    data = {"username": name, "password": password}
    return asyncio.run(LocalAccounts().authenticate(None, data))


def test_the_right_password_gives_the_accounts_name(accounts):
    assert log_in("anna", "a long password") == "anna"


@pytest.mark.parametrize(("name", "password"), [("anna", "x"), ("ben", "x"), ("", "")])
def test_anything_else_gives_nobody(accounts, name, password):
    assert log_in(name, password) is None


def test_the_session_of_a_removed_account_ends(accounts):
    def goes_on(name: str) -> bool:
        user = SimpleNamespace(name=name)
        return asyncio.run(LocalAccounts().refresh_user(user))

    assert goes_on("anna")
    assert not goes_on("removed")

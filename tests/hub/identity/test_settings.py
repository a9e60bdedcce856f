"""What is refused before a start, and what the settings make of it."""

import re

import oidc
import pytest
from daisy_hub.check import problems
from daisy_hub.homes import accounts_of
from daisy_hub.identity.check import identity_problems
from daisy_hub.parts import apply_all
from daisy_hub.proposals import all_proposals, person_of, proposals_of
from daisy_hub.settings import SettingsInvalid, load
from hubs import prepared
from oidc import ISSUER
from traitlets.config import Config


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('issuer = "http://login.facility.example"', "must begin with https://"),
        ('issuer = "login.facility.example"', "must begin with https://"),
        ('callback_url = "http://hub.facility.example/x"', "must begin with https://"),
        ("allowed_groups = []", "nobody could log in"),
        ('scopes = ["profile"]', "must name openid"),
        ('roles = {ops = "admin"}', "There is no role 'admin'"),
        ("refresh_seconds = 0", "greater than or equal to 1"),
        ('client_id = ""', "oidc.client_id"),
        ('clientid = "x"', "oidc.clientid"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(
    tmp_path, monkeypatch, line, said
):
    right = {
        "issuer": f'"{ISSUER}"',
        "client_id": '"daisy"',
        "client_secret_file": '"/secret"',
        "allowed_groups": '["daisy-users"]',
    }
    name, _, value = line.partition(" = ")
    table = [f"{key} = {text}" for key, text in {**right, name: value}.items()]
    hub = prepared(tmp_path, 'identity = "oidc"', "[oidc]", *table)
    monkeypatch.setenv("DAISY_SETTINGS", str(hub.settings_file))

    with pytest.raises(SettingsInvalid, match=re.escape(said)):
        load()


def test_a_provider_that_is_not_named_is_refused(tmp_path, monkeypatch):
    hub = prepared(tmp_path, 'identity = "oidc"')
    monkeypatch.setenv("DAISY_SETTINGS", str(hub.settings_file))

    with pytest.raises(SettingsInvalid, match=r"needs a table \[oidc\]"):
        load()


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (None, 0, "No such file"),
        ("a secret", 0o640, "chmod 600"),
        ("\n", 0o600, "is empty"),
        ("a secret", 0o600, None),
    ],
)
def test_the_clients_secret_must_be_there_and_closed(
    tmp_path, monkeypatch, content, mode, said
):
    file = tmp_path / "secret"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)
    lines = oidc.settings(ISSUER, file, 'allowed_groups = ["daisy-users"]')
    hub = prepared(tmp_path, *lines)
    monkeypatch.setenv("DAISY_SETTINGS", str(hub.settings_file))

    found = list(identity_problems(load()))

    assert (said is None) == (found == [])
    assert said is None or said in found[0]
    assert set(found) <= set(problems(load()))


def test_an_account_with_a_role_that_is_none_is_named(tmp_path, monkeypatch):
    hub = prepared(tmp_path)
    monkeypatch.setenv("DAISY_SETTINGS", str(hub.settings_file))
    accounts_of(load()).add("anna", "a long password")
    accounts_of(load()).change("anna", roles=["admin"])

    (said,) = identity_problems(load())
    assert said.startswith("anna has the role 'admin'")


def test_the_first_who_comes_sees_nothing_that_is_not_given(tmp_path, monkeypatch):
    lines = oidc.settings(ISSUER, tmp_path / "x", 'allowed_groups = ["daisy-users"]')
    hub = prepared(tmp_path, *lines)
    monkeypatch.setenv("DAISY_SETTINGS", str(hub.settings_file))
    settings = load()
    (settings.data / "members.toml").unlink()
    (settings.data / "B7" / "2026-0042" / "raw").mkdir(parents=True)
    account = accounts_of(settings).adopt("issuer s-1", "anna")

    proposals = all_proposals(settings, accounts_of(settings))
    assert len(proposals) == 1
    assert proposals_of(person_of(account), proposals) == ()


def test_tokens_are_encrypted_with_a_key_of_the_installation(tmp_path, monkeypatch):
    lines = oidc.settings(ISSUER, tmp_path / "x", 'allowed_groups = ["daisy-users"]')
    hub = prepared(tmp_path, *lines)
    monkeypatch.setenv("DAISY_SETTINGS", str(hub.settings_file))
    config = Config()

    apply_all(config, load())

    key = hub.home / "state" / "auth-state-key"
    assert config.Authenticator.enable_auth_state is True
    assert config.CryptKeeper["keys"] == [key.read_text()]
    assert key.stat().st_mode & 0o777 == 0o600
    assert config.OidcAccounts.enable_pkce is True

"""Settings: one place for ports and paths, and refusals that name file and entry."""

import os
from pathlib import Path

import pytest
from daisy_hub.check import problems
from daisy_hub.parts import apply_all
from daisy_hub.parts.gateway import apply_gateway
from daisy_hub.parts.spawn import gateway_client
from daisy_hub.settings import Settings, SettingsInvalid, kept_secret, load
from traitlets.config import Config


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'home = "{tmp_path}"\ndata = "{tmp_path}"\n'
        'user_environment = "/env"\nport = 9000\n'
    )
    monkeypatch.setenv("DAISY_SETTINGS", str(file))
    return file


def test_a_missing_file_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setenv("DAISY_SETTINGS", str(tmp_path / "none.toml"))

    with pytest.raises(SettingsInvalid, match="Run make up"):
        load()


def test_an_unknown_entry_is_refused_by_name(written):
    written.write_text(written.read_text() + "prot = 1\n")

    with pytest.raises(SettingsInvalid, match="prot"):
        load()


def test_the_environment_goes_over_the_file(written, monkeypatch):
    monkeypatch.setenv("DAISY_PORT", "9500")

    assert load().port == 9500


def test_ports_are_eight_different_ones_from_the_base(written):
    assert sorted(load().ports.values()) == list(range(9000, 9008))


def test_hub_gateway_and_clients_agree_on_addresses(written):
    settings = load()
    hub, gateway = Config(), Config()
    apply_all(hub, settings)
    apply_gateway(gateway, settings)
    client = gateway_client(settings)

    service = hub.JupyterHub.services[0]
    assert service["url"].endswith(gateway.Proxy.address)
    assert client["DASK_GATEWAY__PROXY_ADDRESS"].endswith(gateway.Proxy.tcp_address)
    assert (
        client["DASK_GATEWAY__ADDRESS"] == settings.url("public") + gateway.Proxy.prefix
    )


def test_every_scope_names_the_service_that_exists(written):
    hub = Config()
    apply_all(hub, load())

    # those that answer; the others only ask the hub
    names = [s["name"] for s in hub.JupyterHub.services if "url" in s]
    scopes = [f"access:services!service={name}" for name in names]
    assert hub.JupyterHub.extra_user_scopes == scopes
    # pages of clusters are for people: no server's token opens them
    for_servers = set(scopes) - {"access:services!service=daisy-dashboards"}
    assert for_servers <= set(hub.Spawner.server_token_scopes)
    assert set(scopes) & set(hub.Spawner.server_token_scopes) == for_servers


def test_services_have_only_the_rights_that_they_need(written):
    hub = Config()
    apply_all(hub, load())

    rights = {
        tuple(role["services"]): role["scopes"]
        for role in hub.JupyterHub.load_roles
        if "services" in role
    }
    assert rights == {
        ("daisy-watching",): ["read:servers", "start:servers"],
        ("daisy-metrics",): ["read:metrics"],
    }
    assert hub.Spawner.environment["DAISY_WATCHING_URL"] == (
        load().url("public") + "/services/daisy-watching"
    )


def test_a_secret_is_made_once_and_closed_to_others(tmp_path):
    path = tmp_path / "state" / "secret"

    first, second = kept_secret(path, "one"), kept_secret(path, "two")

    assert (first, second) == ("one", "one")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secret"]


def test_settings_know_whether_accounts_have_uids(written):
    assert isinstance(load(), Settings)
    assert load().as_root == (os.geteuid() == 0)


def test_the_configuration_itself_gives_nobody_a_role(written):
    hub = Config()
    apply_all(hub, load())

    for role in hub.JupyterHub.load_roles:
        assert not {"users", "groups"} & set(role)
    assert "admin_users" not in hub.Authenticator
    assert hub.Authenticator.auth_refresh_strict is True


@pytest.fixture
def in_containers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'home = "{tmp_path}"\ndata = "{tmp_path}"\nport = 9000\nprofile = "docker"\n'
        f'[containers]\nengine = "unix://{tmp_path}/none"\n'
    )
    monkeypatch.setenv("DAISY_SETTINGS", str(file))
    return file


def test_a_profile_is_other_defaults_which_the_file_goes_over(in_containers):
    assert load().user_environment == Path("/opt/daisy/lab")

    in_containers.write_text('user_environment = "/own"\n' + in_containers.read_text())

    assert load().user_environment == Path("/own")


def test_servers_in_containers_are_given_addresses_that_they_can_reach(in_containers):
    settings = load()
    hub, gateway = Config(), Config()
    apply_all(hub, settings)
    apply_gateway(gateway, settings)

    told = hub.Spawner.environment
    assert told["DASK_GATEWAY__ADDRESS"] == "http://hub:9000/services/dask-gateway"
    assert told["DASK_GATEWAY__PROXY_ADDRESS"] == "gateway://hub:9005"
    assert gateway.Proxy.tcp_address == "0.0.0.0:9005"
    assert hub.Spawner.hub_connect_url == "http://hub:9000"
    assert gateway.ContainerBackend.api_url.startswith("http://hub:9000/")
    # what is not for servers stays on the loopback of the front
    assert gateway.DaskGateway.address.startswith("127.0.0.1:")
    assert hub.JupyterHub.hub_bind_url.startswith("http://127.0.0.1:")


def test_a_profile_that_does_not_exist_is_refused_with_those_there_are(in_containers):
    in_containers.write_text(in_containers.read_text().replace("docker", "podman"))

    with pytest.raises(SettingsInvalid, match="'local' or 'docker'"):
        load()


def test_an_engine_that_is_away_is_found_before_the_start(in_containers):
    found = problems(load())

    assert [p for p in found if "Docker does not answer" in p]
    assert not [p for p in found if "jupyterhub-singleuser" in p]

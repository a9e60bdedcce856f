"""The launcher's socket: who may ask, what may be asked, and what is written down."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from daisy_hub import audit
from daisy_hub.homes import accounts_of
from daisy_hub.launcher import LauncherClient, LauncherFailed
from daisy_hub.launcher.requests import Refused, parse
from daisy_hub.settings import Settings, load

STRANGER = 54_321


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'home = "{tmp_path}"\ndata = "{tmp_path}/data"\nprofile = "docker"\n'
        f'[containers]\nengine = "unix://{tmp_path}/no-engine"\n'
    )
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("DAISY_SETTINGS", str(file))
    settings = load()
    accounts_of(settings).add("anna", "a-long-password")
    return settings


@pytest.fixture
def launcher(settings: Settings) -> Iterator[subprocess.Popen]:
    started = start(settings)
    yield started
    started.kill()
    started.wait()


def start(settings: Settings) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-m", "daisy_hub.launcher"])
    limit = time.monotonic() + 30
    while not connects(settings.launcher_socket):
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.05)
    return process


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def send(settings: Settings, line: bytes) -> dict:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(settings.launcher_socket))
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        (*_, last) = connection.makefile("rb")
        return json.loads(last)


def ask(settings: Settings, verb: str, **entries: object) -> dict:
    client = LauncherClient(settings.launcher_socket)
    return asyncio.run(client.ask(verb, **entries))


@pytest.mark.parametrize(
    "request_",
    [
        {"verb": "exec", "account": "anna", "command": ["sh"]},
        {"verb": "start", "account": "anna"},
        {"verb": "start", "account": "anna", "environment": {}, "image": "other"},
        {"verb": "start", "account": "anna", "environment": {}, "uid": 0},
        {"verb": "start", "account": "anna", "environment": {}, "memory": 10**12},
        {"verb": "start", "account": "anna", "environment": {}, "profile": {"cpus": 9}},
        {"verb": "start", "account": "anna", "environment": {}, "mounts": ["/"]},
        {"verb": "start", "account": "anna", "environment": {}, "privileged": True},
        {"verb": "start", "account": "anna", "environment": {}, "generation": "old"},
        {"verb": "stop", "account": "../anna"},
        {"verb": "stop", "account": "anna/../ben"},
        {"verb": "stop", "account": "anna\n"},
        {"verb": "stop", "account": ""},
        {"verb": "stop", "account": ["anna"]},
        {"verb": "stop", "account": "a" * 300},
        {"verb": "logs", "account": "anna", "lines": 10**9},
        {"verb": "logs", "account": "anna", "lines": "20"},
        {"verb": "list", "account": "anna"},
        {"verb": "look", "account": "anna", "command": ["sh"]},
        {"verb": "look", "account": "../anna"},
        {"verb": "stop-worker", "account": "anna", "worker": "../../ben"},
        {"verb": "stop-scheduler", "account": "anna", "cluster": "a" * 33},
        {"verb": "stop-scheduler", "account": "anna", "cluster": "a" * 31 + "\n"},
        {"verb": "start-worker", "account": "anna", "cluster": "a" * 32, "command": []},
        {},
        [],
        "stop",
    ],
    ids=lambda r: json.dumps(r)[:60],
)
def test_what_is_not_one_of_the_verbs_with_its_entries_is_refused(request_):
    with pytest.raises(Refused):
        parse(json.dumps(request_).encode())


@pytest.mark.parametrize(
    "variables",
    [
        {"LD_PRELOAD": "/home/anna/x.so"},
        {"PYTHONPATH": "/home/anna"},
        {"PATH": "/home/anna"},
        {"DOCKER_HOST": "unix:///socket"},
        {"JUPYTERHUB_": "x"},
        {"jupyterhub_user": "x"},
        {"JUPYTERHUB_USER\nPATH": "x"},
        {"DASK_DISTRIBUTED__SCHEDULER__PRELOAD": "x"},
        {"JUPYTERHUB_USER": "a\0b"},
        {"JUPYTERHUB_USER": 1},
    ],
    ids=str,
)
def test_variables_by_which_other_code_is_loaded_are_refused(variables):
    entries = {"verb": "start", "account": "anna", "environment": variables}

    with pytest.raises(Refused):
        parse(json.dumps(entries).encode())


def test_what_the_hub_tells_a_server_is_let_through():
    variables = {
        "JUPYTERHUB_API_TOKEN": "secret",
        "DASK_GATEWAY__ADDRESS": "http://hub:1/services",
        "DAISY_WATCHING_URL": "http://hub:1/x",
    }
    entries = {"verb": "start", "account": "anna", "environment": variables}

    assert parse(json.dumps(entries).encode()).environment == variables


def test_a_refusal_does_not_repeat_what_may_be_a_secret():
    entries = {"verb": "start", "account": "anna", "environment": {"TOKEN": "hush"}}

    with pytest.raises(Refused) as refused:
        parse(json.dumps(entries).encode())

    assert "hush" not in str(refused.value)
    assert "TOKEN" in str(refused.value)


def test_a_refusal_is_answered_and_written_into_the_audit_log(settings, launcher):
    answer = send(settings, b'{"verb": "exec", "account": "anna"}\n')

    assert answer["reason"] == "refused"
    (entry,) = audit.events(settings, "launcher.refused")
    assert "exec" in entry["error"]


@pytest.mark.parametrize("line", [b"no json\n", b"\n", b"x" * 100_000 + b"\n"])
def test_a_line_that_is_no_request_is_refused_and_the_launcher_goes_on(
    settings, launcher, line
):
    answer = send(settings, line)

    assert answer["reason"] == "refused"
    assert launcher.poll() is None


def test_an_account_that_does_not_exist_is_refused_with_those_there_are(
    settings, launcher
):
    with pytest.raises(LauncherFailed, match="anna") as failed:
        ask(settings, "start", account="nobody", environment={})

    assert failed.value.reason == "refused"


def test_a_cluster_of_software_that_nobody_installed_is_refused(settings, launcher):
    """A gateway that is taken over cannot have an image of its own choice run."""
    with pytest.raises(LauncherFailed, match="no generation evil/image") as refused:
        ask(
            settings,
            "start-scheduler",
            account="anna",
            cluster="a" * 32,
            generation="evil/image",
            environment={},
        )

    assert refused.value.reason == "refused"


def test_an_account_with_a_uid_of_the_system_is_refused(settings, launcher):
    path = settings.state / "accounts.json"
    content = json.loads(path.read_text())
    content["accounts"]["anna"]["uid"] = 0
    path.write_text(json.dumps(content))

    with pytest.raises(LauncherFailed, match="uid of the system"):
        ask(settings, "start", account="anna", environment={})


@pytest.mark.parametrize(
    ("entry", "said"),
    [({"disabled": "left"}, "left"), ({"until": "2020-01-01"}, "2020")],
)
def test_an_account_that_has_ended_is_refused_whatever_the_hub_says(
    settings, launcher, entry, said
):
    path = settings.state / "accounts.json"
    content = json.loads(path.read_text())
    content["accounts"]["anna"] |= entry
    path.write_text(json.dumps(content))

    with pytest.raises(LauncherFailed, match=said) as failed:
        ask(settings, "start", account="anna", environment={})

    assert failed.value.reason == "refused"


def test_a_profile_is_looked_up_by_its_name_and_refused_to_others(settings, launcher):
    # before the first table: it would belong to that
    file = settings.home / "settings.toml"
    file.write_text(
        'server_profiles = [{ name = "small", title = "Small" },'
        ' { name = "team", title = "Team", groups = ["team"] }]\n' + file.read_text()
    )

    for profile, words in (("team", "not open to anna"), ("huge", "no server profile")):
        with pytest.raises(LauncherFailed, match=words) as failed:
            ask(settings, "start", account="anna", environment={}, profile=profile)
        assert failed.value.reason == "refused"
    # what is allowed gets as far as the engine
    with pytest.raises(LauncherFailed) as failed:
        ask(settings, "start", account="anna", environment={}, profile="small")
    assert failed.value.reason == "engine"


def test_an_engine_that_is_away_is_named_with_what_to_do(settings, launcher):
    with pytest.raises(LauncherFailed, match="Start its daemon") as failed:
        ask(settings, "poll", account="anna")

    assert failed.value.reason == "engine"


def test_nobody_looks_with_the_eyes_of_an_account_that_has_ended(settings, launcher):
    path = settings.state / "accounts.json"
    content = json.loads(path.read_text())
    content["accounts"]["anna"] |= {"disabled": "left"}
    path.write_text(json.dumps(content))

    with pytest.raises(LauncherFailed, match="left") as failed:
        ask(settings, "look", account="anna")

    assert failed.value.reason == "refused"


def test_a_launcher_that_is_away_is_named_with_what_to_do(settings):
    with pytest.raises(LauncherFailed, match="make up") as failed:
        ask(settings, "poll", account="anna")

    assert failed.value.reason == "away"


def test_the_socket_is_its_owners_alone(settings, launcher):
    path = settings.launcher_socket

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")
def test_another_uid_is_refused_even_where_the_socket_is_open(
    settings, launcher, tmp_path
):
    for path in (settings.launcher_socket, settings.launcher_socket.parent):
        path.chmod(0o777)
    script = (
        "import os, socket, sys; s = socket.socket(socket.AF_UNIX); "
        "os.chdir(sys.argv[1]); "
        f"os.setgroups([]); os.setgid({STRANGER}); os.setuid({STRANGER}); "
        "s.connect('socket'); s.sendall(b'{\"verb\": \"list\"}\\n'); "
        "print(s.makefile().read())"
    )

    said = subprocess.run(
        [sys.executable, "-c", script, str(settings.launcher_socket.parent)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert json.loads(said) == {
        "error": f"uid {STRANGER} may not talk to the launcher.",
        "reason": "refused",
    }


def test_a_new_launcher_takes_the_place_of_one_that_was_killed(settings, launcher):
    launcher.kill()
    launcher.wait()
    assert not connects(settings.launcher_socket)

    second = start(settings)

    assert send(settings, b'{"verb": "list"}\n')["reason"] == "engine"
    second.kill()
    second.wait()

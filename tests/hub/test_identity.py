"""Accounts of a hub: who logs in, and how fast everything ends when one has ended."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import requests
from daisy_hub import processes
from daisy_hub.grants.ending import processes_of
from daisy_hub.homes import accounts_of
from daisy_hub.identity import desk
from daisy_hub.identity.clusters import EndsWithAccount
from daisy_hub.identity.local import LocalAccounts
from daisy_hub.settings import Settings, load
from hubs import PASSWORD, Hub, running, wait_for
from installations import Installation, Person
from tornado.web import HTTPError

TOMORROW = date.today() + timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'home = "{tmp_path}"\ndata = "{tmp_path}"\nuser_environment = "/env"\n'
    )
    monkeypatch.setenv("DAISY_SETTINGS", str(file))
    desk.add(load(), "anna", PASSWORD, None)
    return load()


def log_in(
    name: str, password: str, accounts: LocalAccounts | None = None
) -> dict | None:
    data = {"username": name, "password": password}
    return asyncio.run((accounts or LocalAccounts()).authenticate(None, data))


def events(settings: Settings) -> list[dict]:
    return [json.loads(line) for line in settings.audit_file.read_text().splitlines()]


def test_the_right_password_gives_the_account_and_no_admin(settings):
    model = log_in("anna", PASSWORD)

    assert model["name"] == "anna"
    assert model["admin"] is False
    assert [role["name"] for role in model["roles"]] == ["user"]


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong"), ("ben", PASSWORD), ("", "")]
)
def test_a_wrong_name_or_password_gives_nothing(settings, name, password):
    assert log_in(name, password) is None


def test_a_refused_login_is_written_down_without_what_was_typed(settings):
    log_in("anna", "a wrong secret")
    log_in("my-password-by-mistake", "")

    text = settings.audit_file.read_text()
    refused = [e for e in events(settings) if e["event"] == "login.refused"]
    assert [e["actor"] for e in refused] == ["anna", "no such account"]
    assert "a wrong secret" not in text
    assert "my-password-by-mistake" not in text


def test_who_guesses_is_told_to_wait_and_nothing_else(settings):
    accounts = LocalAccounts()
    for _ in range(10):
        assert log_in("anna", "wrong", accounts) is None

    for password in ("wrong", PASSWORD):
        with pytest.raises(
            HTTPError, match=r"Try again in \d+ s.*the operator"
        ) as told:
            log_in("anna", password, accounts)
        assert told.value.status_code == 429
    reasons = [e["reason"] for e in events(settings) if e["event"] == "login.refused"]
    # once: whoever goes on guessing must not fill the log
    assert reasons == ["name or password is wrong"] * 10 + ["too many wrong passwords"]


def test_the_right_password_of_a_disabled_account_is_told_why(settings):
    desk.disable(settings, "anna", "Lost notebook")

    with pytest.raises(HTTPError, match=r"disabled: Lost notebook.*Ask the operator"):
        log_in("anna", PASSWORD)
    assert log_in("anna", "wrong") is None


@pytest.mark.parametrize(("until", "goes"), [(date.today(), False), (TOMORROW, True)])
def test_a_temporary_account_is_refused_from_its_day_on(settings, until, goes):
    desk.add(settings, "guest", PASSWORD, until)

    if goes:
        assert log_in("guest", PASSWORD)["name"] == "guest"
    else:
        with pytest.raises(HTTPError, match=f"ended on {until}"):
            log_in("guest", PASSWORD)


@pytest.mark.parametrize("change", ["disable", "remove", "expire"])
def test_a_session_of_an_account_that_has_ended_ends(settings, change):
    user = SimpleNamespace(
        name="anna",
        admin=False,
        orm_user=SimpleNamespace(groups=[], roles=[SimpleNamespace(name="user")]),
    )
    assert asyncio.run(LocalAccounts().refresh_user(user)) is True
    match change:
        case "disable":
            desk.disable(settings, "anna", "a test")
        case "remove":
            desk.remove(settings, "anna")
        case "expire":
            accounts_of(settings).change("anna", until=date.today().isoformat())

    assert asyncio.run(LocalAccounts().refresh_user(user)) is False
    with pytest.raises(HTTPError, match="No server is started"):
        LocalAccounts().pre_spawn_start(user, None)


def test_clusters_of_an_account_that_has_ended_are_stopped_and_no_others(settings):
    class Checks:
        checked = False

        async def _check_timeouts(self) -> None:
            self.checked = True

    class BackEnd(EndsWithAccount, Checks):
        log = SimpleNamespace(warning=lambda *_: None)
        db = SimpleNamespace(
            active_clusters=lambda: [
                SimpleNamespace(name="one", username="anna"),
                SimpleNamespace(name="two", username="ben"),
            ]
        )

        def __init__(self) -> None:
            self.stopped: list[str] = []

        async def stop_cluster(self, name: str) -> None:
            self.stopped.append(name)

    desk.add(settings, "ben", PASSWORD, None)
    desk.disable(settings, "anna", "a test")
    back_end = BackEnd()

    asyncio.run(back_end._check_timeouts())

    assert back_end.checked
    assert back_end.stopped == ["one"]


# ---- with a running hub


@pytest.fixture(scope="module")
def hub(
    demo_installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hub]:
    # servers see what is installed, and not this checkout
    installed = demo_installation.software
    with running(tmp_path_factory.mktemp("hub"), environment=installed) as found:
        for name in ("anna", "ben", "cora", "dora"):
            found.add(name)
        yield found


class Visitor(Person):
    """Somebody who logs in and starts no server, as a browser would at once."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address, self.name = address, name
        self.session = requests.Session()
        self.session.get(f"{address}/hub/login", timeout=20).raise_for_status()
        self.login = self.session.post(
            f"{address}/hub/login",
            params={"_xsrf": self._xsrf("/hub/")},
            data={"username": name, "password": password},
            allow_redirects=False,
            timeout=60,
        )


def settings_of(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DAISY_SETTINGS", str(hub.settings_file))
    return load()


def token_of(person: Person) -> str:
    answer = person.session.post(
        f"{person.address}/hub/api/users/{person.name}/tokens",
        headers={"X-XSRFToken": person._xsrf("/hub/")},
        json={},
        timeout=20,
    )
    answer.raise_for_status()
    return str(answer.json()["token"])


def asked(hub: Hub, path: str, token: str, method: str = "GET") -> int:
    """Return the status of a request to the hub's API."""
    return requests.request(
        method,
        f"{hub.address}/hub/api/{path}",
        headers={"Authorization": f"token {token}"},
        timeout=20,
    ).status_code


def at_gateway(hub: Hub, token: str) -> int:
    """Return the status of a request for the clusters at the gateway."""
    return requests.get(
        f"{hub.address}/services/dask-gateway/api/v1/clusters/",
        headers={"Authorization": f"jupyterhub {token}"},
        timeout=20,
    ).status_code


def is_in(person: Person) -> bool:
    page = person.session.get(f"{person.address}/hub/token", timeout=20)
    return page.url.endswith("/hub/token")


@pytest.mark.service
@pytest.mark.timeout(180)
def test_a_disabled_account_has_nothing_left_after_ten_seconds(hub, monkeypatch):
    settings = settings_of(hub, monkeypatch)
    anna = Visitor(hub.address, "anna", PASSWORD)
    anna.start_server()
    token = token_of(anna)
    wait_for(lambda: at_gateway(hub, token) == 200, 20)
    assert asked(hub, "user", token) == 200
    assert processes_of(settings, "anna")

    hub.does("disable", "anna", "--reason", "Lost notebook")
    seconds = wait_for(
        lambda: (
            not processes_of(settings, "anna")
            and asked(hub, "user", token) == 403
            and at_gateway(hub, token) == 401
            and not is_in(anna)
        ),
        10,
    )

    assert seconds < 10
    again = Visitor(hub.address, "anna", PASSWORD)
    assert again.login.status_code == 403
    assert "disabled: Lost notebook" in again.login.text
    assert hub.audit("account.disabled")[-1]["account"] == "anna"
    assert hub.audit("sessions.ended")[-1]["account"] == "anna"


@pytest.mark.service
def test_an_enabled_account_logs_in_again_but_old_tokens_stay_dead(hub):
    ben = Visitor(hub.address, "ben", PASSWORD)
    token = token_of(ben)
    hub.does("disable", "ben", "--reason", "a test")
    wait_for(lambda: asked(hub, "user", token) == 403, 10)

    hub.does("enable", "ben")

    assert is_in(Visitor(hub.address, "ben", PASSWORD))
    assert asked(hub, "user", token) == 403
    assert not is_in(ben)


@pytest.mark.service
@pytest.mark.timeout(180)
def test_an_operator_stops_the_server_of_another_but_does_not_enter_it(
    hub, monkeypatch
):
    settings = settings_of(hub, monkeypatch)
    dora, cora = (Visitor(hub.address, name, PASSWORD) for name in ("dora", "cora"))
    cora.start_server()
    token = token_of(dora)
    assert asked(hub, "users", token) == 403

    said = hub.does("role", "dora", "--add", "operator")

    assert said.strip() == "dora: user, operator"
    wait_for(lambda: asked(hub, "users", token_of(dora)) == 200, 10)
    entered = dora.session.get(f"{hub.address}/user/cora/api/contents", timeout=20)
    assert entered.status_code in (403, 404)
    token = token_of(dora)
    assert asked(hub, "users/cora/server", token, "DELETE") in (202, 204)
    wait_for(lambda: not processes_of(settings, "cora"), 15)
    hub.does("role", "dora", "--remove", "operator")
    wait_for(lambda: asked(hub, "users", token) == 403, 10)


@pytest.mark.service
def test_an_account_whose_day_has_come_ends_while_it_is_logged_in(hub, monkeypatch):
    hub.add("guest", "--until", TOMORROW.isoformat())
    guest = Visitor(hub.address, "guest", PASSWORD)
    assert is_in(guest)

    accounts = accounts_of(settings_of(hub, monkeypatch))
    accounts.change("guest", until=date.today().isoformat())

    wait_for(lambda: not is_in(guest), 10)
    page = Visitor(hub.address, "guest", PASSWORD).login.text
    assert f"ended on {date.today()}" in page


@pytest.mark.service
def test_a_removed_name_is_not_given_again_nor_is_its_uid(hub):
    hub.add("late")
    late = Visitor(hub.address, "late", PASSWORD)
    assert is_in(late)
    uid = hub.accounts()["late"]["uid"]

    hub.does("remove", "late")

    wait_for(lambda: not is_in(late), 10)
    again = hub.command("add", "late", answer=f"{PASSWORD}\n{PASSWORD}\n")
    assert again.returncode == 1
    assert "Names are not given again" in again.stdout
    hub.add("later")
    assert hub.accounts()["later"]["uid"] > uid
    assert hub.audit("account.removed")[-1]["account"] == "late"


@pytest.mark.service
@pytest.mark.timeout(180)
def test_the_kill_switch_works_while_the_hub_is_dead(hub, monkeypatch):
    settings = settings_of(hub, monkeypatch)
    cora = Visitor(hub.address, "cora", PASSWORD)
    cora.start_server()
    for process in processes.of_instance(settings.instance):
        with suppress(psutil.Error):
            if process.environ().get("DAISY_PART") == "hub":
                os.kill(process.pid, signal.SIGKILL)
    assert processes_of(settings, "cora")

    hub.does("disable", "cora", "--reason", "a test")

    assert not processes_of(settings, "cora")

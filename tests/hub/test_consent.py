"""Support looks into a server that runs, while its owner agrees, and no longer.

Real servers; the tests run in this order.
"""

import json
import time
from contextlib import closing

import pytest
import requests
import websocket
from hubs import PASSWORD, running, wait_for

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

# the hub looks once a second, and a server keeps an answer for five
SOON = 20


@pytest.fixture(scope="module")
def hub(demo_installation, tmp_path_factory):
    user = demo_installation.software
    with running(tmp_path_factory.mktemp("hub"), environment=user) as started:
        for name in ("anna", "ben", "cora"):
            started.add(name)
        started.does("role", "cora", "--add", "support")
        yield started


@pytest.fixture(scope="module")
def people(hub, new_person):
    found = {n: new_person(hub.address, n, PASSWORD) for n in ("anna", "ben", "cora")}
    found["anna"].start_server()
    found["anna"].kernel = found["anna"].start_kernel()
    return found


@pytest.fixture
def anna(people):
    return people["anna"]


def into_annas(hub, person, path: str = "/api/status", method: str = "GET", **more):
    """Ask something of anna's server, as a browser with the person's login would."""
    address = f"{hub.address}/user/anna"
    answer = person.session.get(f"{address}/lab", timeout=60)
    if "/oauth2/authorize" in answer.url and answer.ok:
        # the hub asks once whether one wants to be known there
        person.session.post(
            answer.url,
            data={"scopes": [], "_xsrf": person._xsrf("/hub/")},
            headers={"Referer": answer.url},
            timeout=60,
        )
    return person.session.request(method, address + path, timeout=60, **more)


def gives(anna, minutes: int):
    answer = anna.send("POST", "/daisy/consent", {"minutes": minutes})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_without_consent_nobody_comes(hub, people):
    for name in ("ben", "cora"):
        assert into_annas(hub, people[name]).status_code in (403, 404)
    told = people["anna"].get("/daisy/consent").json()
    assert told == {
        "available": True, "mine": True, "owner": "anna", "until": None, "here": [],
    }  # fmt: skip


def test_support_sees_files_and_the_owner_sees_who_looks(hub, people, anna):
    anna.run("open('notes.txt', 'w').write('seen by both')", anna.kernel)
    until = gives(anna, 30)["until"]
    assert until == pytest.approx(time.time() + 1800, abs=30)

    cora = people["cora"]
    wait_for(lambda: into_annas(hub, cora).status_code == 200, SOON)

    content = into_annas(hub, cora, "/api/contents/notes.txt").json()["content"]
    assert content == "seen by both"
    told = into_annas(hub, cora, "/daisy/consent").json()
    assert (told["mine"], told["owner"]) == (False, "anna")
    assert anna.get("/daisy/consent").json()["here"] == ["cora"]
    assert into_annas(hub, people["ben"]).status_code in (403, 404)
    (given,) = hub.audit("consent.given")
    (looked,) = hub.audit("support.looked")
    assert (given["actor"], given["minutes"]) == ("anna", 30)
    assert (looked["actor"], looked["account"]) == ("cora", "anna")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/kernels", {"name": "python3"}),
        ("POST", "/api/sessions", {"path": "x", "type": "file", "name": ""}),
        ("POST", "/api/terminals", None),
        ("PUT", "/api/contents/notes.txt", {"type": "file", "content": "changed"}),
        ("DELETE", "/api/contents/notes.txt", None),
        ("PUT", "/lab/api/settings/@jupyterlab/apputils-extension:themes", {"raw": ""}),
        ("PUT", "/lab/api/workspaces/default", {"data": {}, "metadata": {}}),
        ("POST", "/daisy/consent", {"minutes": 480}),
        ("DELETE", "/daisy/consent", None),
        ("POST", "/daisy/clusters", {"name": "a", "workers": 1}),
        ("POST", "/api/shutdown", None),
    ],
)
def test_support_changes_and_runs_nothing(hub, people, anna, method, path, body):
    cora = people["cora"]
    cookies = {c.name: c.value for c in cora.session.cookies if c.path == "/user/anna/"}

    answer = into_annas(
        hub, cora, path, method, json=body,
        headers={"X-XSRFToken": cookies.get("_xsrf", "")},
    )  # fmt: skip

    assert answer.status_code == 403, answer.text
    if path != "/api/shutdown":  # whose errors have no words
        assert "change and run nothing" in answer.text
    assert anna.run("print(open('notes.txt').read())", anna.kernel) == "seen by both\n"


def test_support_joins_neither_a_kernel_nor_a_terminal(hub, people, anna):
    cora = people["cora"]
    into_annas(hub, cora)
    terminal = anna.send("POST", "/api/terminals").json()["name"]
    cookies = "; ".join(f"{c.name}={c.value}" for c in cora.session.cookies)
    for path in (
        f"/api/kernels/{anna.kernel}/channels",
        f"/terminals/websocket/{terminal}",
    ):
        address = f"{hub.address}/user/anna{path}".replace("http", "ws", 1)
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            closing(websocket.create_connection(address, cookie=cookies, timeout=30))
        assert refused.value.status_code == 403


def test_the_owners_end_is_the_end_at_once(hub, people, anna):
    cora = people["cora"]
    assert into_annas(hub, cora).status_code == 200

    ended = anna.send("DELETE", "/daisy/consent").json()

    assert ended["until"] is None
    assert into_annas(hub, cora).status_code in (403, 404)
    page = into_annas(hub, cora, "/lab")
    assert "anna lets nobody look into this server now" in page.text
    assert len(hub.audit("consent.ended")) == 1
    assert anna.run("print(1)", anna.kernel) == "1\n"


def test_who_is_support_no_more_is_out_although_the_owner_agrees(hub, people, anna):
    cora = people["cora"]
    gives(anna, 30)
    wait_for(lambda: into_annas(hub, cora).status_code == 200, SOON)

    hub.does("role", "cora", "--remove", "support")

    wait_for(lambda: into_annas(hub, cora).status_code in (403, 404), SOON)
    hub.does("role", "cora", "--add", "support")
    wait_for(lambda: into_annas(hub, cora).status_code == 200, SOON)


def test_a_consent_ends_with_the_server(hub, people, anna):
    assert anna.get("/daisy/consent").json()["until"]
    anna.stop_server()
    anna.start_server()

    assert anna.get("/daisy/consent").json()["until"] is None
    assert into_annas(hub, people["cora"]).status_code in (403, 404)


@pytest.mark.parametrize("minutes", [0, -5, 481, 1.5, "60", None, True])
def test_a_time_that_is_none_is_refused(hub, anna, minutes):
    answer = anna.send("POST", "/daisy/consent", {"minutes": minutes})

    assert answer.status_code in (400, 409)
    consents = hub.home / "state" / "consents.json"
    assert "anna" not in json.loads(consents.read_text())


def test_the_service_takes_no_consent_without_a_token(hub):
    address = f"{hub.address}/services/daisy-watching/consent"
    for method in ("GET", "PUT", "DELETE", "POST"):
        assert requests.request(method, address, timeout=30).status_code == 403


def test_what_is_done_to_somebody_elses_server_is_in_the_audit_log(hub, people, anna):
    hub.does("role", "ben", "--add", "operator")
    ben = people["ben"]
    address = f"{hub.address}/hub/api/users/anna/server"

    def stopped() -> bool:
        headers = {"X-XSRFToken": ben._xsrf("/hub/")}
        return ben.session.delete(address, headers=headers, timeout=60).ok

    wait_for(stopped, SOON)  # a role is there within a second

    def by_ben() -> list:
        # stopped, or being stopped where that takes long; a refusal is there, too
        done = [e for e in hub.audit("admin.acted") if e["status"] in (204, 202)]
        return [e for e in done if e["actor"] == "ben"]

    wait_for(by_ben, SOON)  # written when the answer is out
    assert by_ben()[-1]["account"] == "anna"
    assert by_ben()[-1]["request"] == "DELETE /hub/api/users/anna/server"
    wait_for(lambda: len(hub.audit("server.ended")) == 2, SOON)  # and once above
    assert {e["account"] for e in hub.audit("server.ended")} == {"anna"}
    for event in hub.audit("server.starting"):
        assert event["actor"] == event["account"]
    mounted = [e for e in hub.audit("server.mounted") if e["account"] == "anna"]
    assert len(mounted) == 2  # it was stopped and started above

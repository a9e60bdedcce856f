"""Login with a real provider: what is believed of it, what its silence does."""

import json
import re
import time
from collections.abc import Iterator

import oidc
import pytest
import requests
from daisy_hub.grants.ending import processes_of
from daisy_hub.homes import accounts_of
from daisy_hub.settings import load
from hubs import Hub, running, wait_for
from installations import Installation, free_ports
from oidc import OidcPerson
from oidc import Provider as RealProvider

service = pytest.mark.service


@pytest.fixture(scope="module")
def scene(
    demo_installation: Installation,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Hub, RealProvider]]:
    top = tmp_path_factory.mktemp("oidc")
    secret = top / "client-secret"
    secret.write_text(f"{oidc.SECRET}\n")
    secret.chmod(0o600)
    lines = oidc.settings(
        f"http://127.0.0.1:{(port := free_ports(1)[0])}",
        secret,
        'allowed_groups = ["daisy-users"]',
        "[oidc.roles]",
        'ops = "operator"',
        'b7-staff = "staff:B7"',
    )
    # servers see what is installed, and not this checkout
    installed = demo_installation.software
    with running(top, *lines, environment=installed) as hub:
        callback = f"{hub.address}/hub/oauth_callback"
        with oidc.provider(top, port, callback) as provider:
            yield hub, provider


@pytest.fixture
def hub(scene: tuple[Hub, RealProvider]) -> Hub:
    return scene[0]


@pytest.fixture
def provider(scene: tuple[Hub, RealProvider]) -> RealProvider:
    return scene[1]


def groups(person: OidcPerson) -> list[str]:
    return sorted(person.me().get("groups", []))


@service
def test_who_is_in_an_allowed_group_logs_in_and_gets_an_account(hub, provider):
    provider.knows("s-1", preferred_username="Anna.B", groups=["daisy-users", "b7"])

    anna = OidcPerson(hub.address, "s-1")

    assert anna.page.url.endswith("/hub/token")
    me = anna.me()
    assert (me["name"], me["admin"]) == ("anna-b", False)
    assert groups(anna) == ["b7", "daisy-users"]
    account = hub.accounts()["anna-b"]
    assert account["subject"] == f"{provider.issuer} s-1"
    assert account["uid"] >= 70_000
    assert "password_hash" not in account
    assert any("code_challenge_method=S256" in address for address in anna.passed)
    assert hub.audit("account.made")[-1]["account"] == "anna-b"
    assert hub.audit("login.accepted")[-1]["actor"] == "anna-b"


@service
def test_a_code_that_was_stolen_is_of_no_use_in_another_browser(hub, provider):
    """The provider compares the hash of a secret that only one browser has (PKCE)."""
    provider.knows("s-2", preferred_username="ben", groups=["daisy-users"])
    victim = OidcPerson(hub.address, "s-2", stop_at="/hub/oauth_callback")
    thief = OidcPerson(hub.address, "s-2", stop_at="/hub/oauth_callback")
    (stolen,) = re.findall(r"code=([^&]+)", victim.passed[-1])
    address = re.sub(r"code=[^&]+", f"code={stolen}", thief.passed[-1])

    page = thief.session.get(address, timeout=20)

    assert page.status_code == 403
    assert "This login is not good" in page.text
    assert not thief.is_in
    assert "ben" not in hub.accounts()


@service
def test_without_the_state_of_the_own_browser_nobody_is_logged_in(hub, provider):
    victim = OidcPerson(hub.address, "s-2", stop_at="/hub/oauth_callback")

    page = requests.get(victim.passed[-1], timeout=20)

    assert page.status_code == 400
    assert "ben" not in hub.accounts()


@service
def test_who_is_in_no_allowed_group_is_told_what_is_missing_and_whom_to_ask(
    hub, provider
):
    provider.knows("s-3", preferred_username="cora", groups=["others"])

    cora = OidcPerson(hub.address, "s-3")

    assert cora.page.status_code == 403
    for words in ("Facility Account says that you are", "cora", "daisy-users, ops",
                  "the user office, phone 4711"):  # fmt: skip
        assert words in cora.page.text
    assert not cora.is_in
    assert "cora" not in hub.accounts()
    assert hub.audit("login.refused")[-1]["actor"] == "cora"


@service
def test_a_name_does_not_lead_to_the_account_of_another(hub, provider):
    provider.knows("s-1", preferred_username="Anna.B", groups=["daisy-users"])
    anna = OidcPerson(hub.address, "s-1")
    provider.knows("s-4", preferred_username="anna.b", groups=["daisy-users"])

    squatter = OidcPerson(hub.address, "s-4")
    provider.knows("s-1", preferred_username="Änna van den Berg (geb. B.)")
    renamed = OidcPerson(hub.address, "s-1")

    assert squatter.page.status_code == 403
    assert "an account" in squatter.page.text
    assert not squatter.is_in
    assert anna.me()["name"] == renamed.me()["name"] == "anna-b"


@service
def test_changed_groups_and_roles_hold_without_a_new_login(hub, provider):
    provider.knows("s-5", preferred_username="dora", groups=["daisy-users"])
    dora = OidcPerson(hub.address, "s-5")
    assert dora.me()["roles"] == ["user"]

    provider.knows("s-5", groups=["daisy-users", "ops", "b7-staff"])

    wait_for(lambda: "operator" in dora.me()["roles"], 10)
    assert groups(dora) == ["b7-staff", "daisy-users", "ops"]
    assert hub.accounts()["dora"]["roles"] == ["operator", "staff:B7"]
    change = hub.audit("role.changed")[-1]
    assert (change["before"], change["after"]) == ([], ["operator", "staff:B7"])
    provider.knows("s-5", groups=["daisy-users"])
    wait_for(lambda: dora.me()["roles"] == ["user"], 10)


@service
def test_an_expired_token_is_replaced_without_a_new_login(hub, provider):
    provider.knows("s-5", preferred_username="dora", groups=["daisy-users"])
    dora = OidcPerson(hub.address, "s-5")

    def replaced() -> int:
        assert dora.me()["name"] == "dora"
        return provider.grants().count("refresh_token")

    # each lives for three seconds, and each refresh token is good for one use only
    before = replaced()
    wait_for(lambda: replaced() >= before + 2, 20)

    provider.knows("s-5", groups=["daisy-users", "b9"])
    wait_for(lambda: "b9" in groups(dora), 10)


@service
@pytest.mark.timeout(180)
def test_who_has_lost_every_group_has_no_session_token_or_server_left(
    hub, provider, monkeypatch
):
    monkeypatch.setenv("DAISY_SETTINGS", str(hub.settings_file))
    provider.knows("s-7", preferred_username="fritz", groups=["daisy-users"])
    fritz = OidcPerson(hub.address, "s-7")
    token = fritz.token()
    fritz.start_server()
    assert processes_of(load(), "fritz")

    # nobody clicks: the hub has to ask by itself; and a new name is no way out
    provider.knows("s-7", groups=[], preferred_username="root")

    wait_for(lambda: not processes_of(load(), "fritz"), 60)
    answer = requests.get(
        f"{hub.address}/hub/api/user",
        headers={"Authorization": f"token {token}"},
        timeout=20,
    )
    assert answer.status_code == 403
    assert not fritz.is_in
    assert fritz.log_in().status_code == 403
    ended = hub.audit("sessions.ended")[-1]
    assert (ended["account"], "none of the groups" in ended["reason"]) == (
        "fritz",
        True,
    )


@service
def test_a_session_that_has_ended_at_the_provider_needs_a_login_but_keeps_tokens(
    hub, provider, monkeypatch
):
    """Who works overnight keeps the server: it goes on for `unconfirmed_hours`."""
    monkeypatch.setenv("DAISY_SETTINGS", str(hub.settings_file))
    provider.knows("s-8", preferred_username="gerda", groups=["daisy-users"])
    gerda = OidcPerson(hub.address, "s-8")
    headers = {"Authorization": f"token {gerda.token()}"}

    def status() -> int:
        address = f"{hub.address}/hub/api/user"
        return requests.get(address, headers=headers, timeout=20).status_code

    provider.forgets("s-8")
    wait_for(lambda: not gerda.is_in, 10)
    assert status() == 200
    assert isinstance(hub.accounts()["gerda"]["unconfirmed"], float)

    accounts_of(load()).change("gerda", unconfirmed=time.time() - 25 * 3600)
    wait_for(lambda: status() == 403, 10)


@service
def test_the_tokens_of_the_provider_are_nowhere_in_the_clear(hub, provider):
    provider.knows("s-1", preferred_username="anna.b", groups=["daisy-users"])
    OidcPerson(hub.address, "s-1")

    state = hub.home / "state"
    written = [p for p in state.rglob("*") if p.is_file()]

    assert len(written) > 5
    for path in written:
        content = path.read_bytes()
        for word in (b"refresh_token", b"access_token", oidc.SECRET.encode()):
            assert word not in content, path
    assert json.loads((state / "audit.jsonl").read_text().splitlines()[0])


@service
def test_a_silent_provider_ends_nothing_and_a_new_login_says_so(hub, provider):
    provider.knows("s-6", preferred_username="emil", groups=["daisy-users"])
    emil = OidcPerson(hub.address, "s-6")
    token = emil.token()
    time.sleep(1.5)  # what is known of emil is old now

    provider.sleep()  # it takes questions and answers none
    page = requests.get(f"{hub.address}/hub/oauth_login", timeout=20)
    provider.stop()  # nobody takes them any more

    assert page.status_code == 503
    assert "Facility Account does not answer" in page.text
    assert groups(emil) == ["daisy-users"]
    answer = requests.get(
        f"{hub.address}/hub/api/user",
        headers={"Authorization": f"token {token}"},
        timeout=20,
    )
    assert answer.json()["name"] == "emil"
    assert emil.is_in
    assert hub.accounts()["emil"]["unconfirmed"] is None
    assert re.search(r"does not answer: .*Connection refused", hub.log())


@service
def test_a_provider_that_gives_groups_to_nobody_takes_none_and_is_told(hub, provider):
    provider.start()
    names = {"s-9": "hanna", "s-10": "ingo"}
    for subject, name in names.items():
        provider.knows(subject, preferred_username=name, groups=["daisy-users"])
    people = [OidcPerson(hub.address, subject) for subject in names]

    for subject in names:
        provider.knows(subject, groups=[])

    def told() -> bool:
        assert all(person.is_in for person in people)
        return bool(hub.audit("provider.alarm"))

    wait_for(told, 20)
    wait_until = time.monotonic() + 12  # longer than for one who is alone
    while time.monotonic() < wait_until:
        assert all(groups(person) == ["daisy-users"] for person in people)
        time.sleep(0.5)

    provider.knows("s-11", preferred_username="jana", groups=[])
    jana = OidcPerson(hub.address, "s-11")
    assert jana.page.status_code == 503
    assert "gives groups to nobody now" in jana.page.text

    provider.knows("s-9", groups=["daisy-users"])
    # who really has none is believed now
    wait_for(lambda: people[0].is_in and not people[1].is_in, 20)
    assert not (hub.home / "state" / "provider.alarm").exists()

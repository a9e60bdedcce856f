"""Login with a provider: what is believed of it, and what its silence does."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import oidc
import pytest
import requests
from daisy_hub.accounts import AccountError, Accounts
from daisy_hub.check import problems
from daisy_hub.grants.ending import processes_of
from daisy_hub.homes import accounts_of
from daisy_hub.identity.check import identity_problems
from daisy_hub.identity.claims import ClaimInvalid, account_name, admitted
from daisy_hub.identity.claims import person_of as person_in
from daisy_hub.identity.options import OidcOptions
from daisy_hub.identity.provider import (
    ENDPOINTS,
    Provider,
    ProviderRefuses,
    ProviderSilent,
)
from daisy_hub.parts import apply_all
from daisy_hub.proposals import all_proposals, person_of, proposals_of
from daisy_hub.settings import SettingsInvalid, load
from hubs import Hub, prepared, running, wait_for
from installations import Installation, free_ports
from oidc import OidcPerson
from oidc import Provider as RealProvider
from traitlets.config import Config

ISSUER = "https://login.facility.example/realms/users"


def options(**values: object) -> OidcOptions:
    given = {
        "issuer": ISSUER,
        "client_id": "daisy",
        "client_secret_file": "/secret",
        "allowed_groups": ["daisy-users"],
        **values,
    }
    return OidcOptions(**given)


def claims(**values: object) -> dict[str, object]:
    return {"sub": "s-1", "preferred_username": "anna", **values}


# ---- what a provider says


@pytest.mark.parametrize(
    ("claim", "name"),
    [("anna", "anna"), ("Anna.B", "anna-b"), (" anna_b@lab.eu ", "anna-b-lab-eu")],
)
def test_a_claim_becomes_an_account_name(claim, name):
    person = person_in(claims(preferred_username=claim), options())

    assert account_name(person, options()) == name


@pytest.mark.parametrize("claim", ["../anna", "root", "", "Änna", "1anna", 7, None])
def test_a_claim_that_is_no_account_name_is_refused(claim):
    person = person_in(claims(preferred_username=claim), options())

    with pytest.raises(ClaimInvalid, match="preferred_username"):
        account_name(person, options())


def test_claims_without_a_subject_are_refused():
    with pytest.raises(ClaimInvalid, match="claim sub"):
        person_in({"preferred_username": "anna"}, options())


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("groups", {"groups": ["b", "a"]}),
        ("realm.groups", {"realm": {"groups": ["a", "b"]}}),
        ("https://lab.eu/groups", {"https://lab.eu/groups": ["a", "b"]}),
    ],
)
def test_groups_are_found_by_name_and_by_path(path, given):
    person = person_in(claims(**given), options(groups_claim=path))

    assert person.groups == ("a", "b")


def test_groups_that_are_no_list_of_names_are_refused():
    with pytest.raises(ClaimInvalid, match="no list of names"):
        person_in(claims(groups={"a": 1}), options())


def test_roles_follow_from_groups_and_from_a_claim_and_from_nothing_else():
    said = claims(groups=["b7-staff", "support"], roles=["operator", "admin", "staff"])
    given = options(roles={"b7-staff": "staff:B7"}, roles_claim="roles")

    assert person_in(said, given).roles == ("operator", "staff:B7")


@pytest.mark.parametrize(
    ("groups", "roles", "enters"),
    [
        (("daisy-users",), (), True),
        ((), ("support",), True),
        (("Daisy-Users", "others"), (), False),
        ((), (), False),
    ],
)
def test_nobody_enters_without_an_allowed_group_or_a_role(groups, roles, enters):
    assert admitted(groups, roles, options()) is enters


@pytest.mark.parametrize("uid", [0, 999, -5, "12x", True, 2**31, "", None])
def test_a_uid_of_the_system_or_of_nobody_is_refused(uid):
    with pytest.raises(ClaimInvalid, match="uid_number"):
        person_in(claims(uid_number=uid), options(uid_claim="uid_number"))


# ---- what is a refusal


@pytest.fixture
def answering() -> Iterator[tuple[str, list[tuple[int, dict[str, str], bytes]]]]:
    """A provider that answers what it is told to; a list with one answer."""
    answers: list[tuple[int, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/.well-known"):
                url = f"http://{self.headers['Host']}"
                found = {name: f"{url}/{name}" for name in ENDPOINTS}
                answer = 200, {}, json.dumps({"issuer": url, **found}).encode()
            else:
                answer = answers[0]
            self.send_response(answer[0])
            for name, value in answer[1].items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer[2])

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", answers
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "challenge", "body", "refuses"),
    [
        (401, 'Bearer error="invalid_token"', b"", True),
        (401, 'Bearer realm="users"', b"", True),
        (401, "", b'{"error": "invalid_token"}', True),
        (400, "", b'{"error": "invalid_grant"}', True),
        (401, "", b'{"error": "invalid_client"}', False),
        (401, 'Basic realm="proxy"', b"", False),
        (403, "", b"<h1>Blocked by the firewall</h1>", False),
        (404, "", b"", False),
        (429, "", b"", False),
        (302, "", b"", False),
        (500, "", b"", False),
        (200, "", b"<h1>We are back at 12:00</h1>", False),
        (200, "", b'{"preferred_username": "anna"}', False),
        (200, "", b"[]", False),
    ],
)
def test_what_is_no_clear_refusal_is_silence(
    answering, status, challenge, body, refuses
):
    url, answers = answering
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    answers.append((status, headers, body))
    provider = Provider(options(issuer=url), "a secret")

    with pytest.raises(ProviderRefuses if refuses else ProviderSilent):
        asyncio.run(provider.claims("a token"))


@pytest.mark.parametrize("broken", ["issuer", "userinfo_endpoint"])
def test_a_provider_that_describes_itself_wrongly_is_not_asked(answering, broken):
    url, _ = answering
    document = {"issuer": url, **{name: f"{url}/{name}" for name in ENDPOINTS}}
    document[broken] = "http://elsewhere.example/x"
    provider = Provider(options(issuer=url), "a secret")
    provider._kept[f"{url}/.well-known/openid-configuration"] = (
        time.monotonic(),
        document,
    )

    with pytest.raises(ProviderSilent, match=r"elsewhere.example"):
        asyncio.run(provider.claims("a token"))


# ---- accounts


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "accounts.json", first_uid=70_000, first_gid=80_000)


def test_whoever_is_renamed_keeps_the_account(accounts):
    first = accounts.adopt("issuer s-1", "anna")

    assert accounts.adopt("issuer s-1", "anna-new") == first


def test_a_name_that_somebody_else_has_or_had_is_not_given(accounts):
    accounts.add("ben", "a long password")
    accounts.adopt("issuer s-1", "anna")
    accounts.adopt("issuer s-2", "gone")
    accounts.remove("gone")

    for name in ("ben", "anna", "gone"):
        with pytest.raises(AccountError, match=f"was an account|an account '{name}'"):
            accounts.adopt("issuer s-9", name)
    with pytest.raises(AccountError, match="removed by an operator"):
        accounts.adopt("issuer s-2", "other")


def test_a_real_uid_is_kept_and_never_given_to_two(accounts):
    assert accounts.adopt("issuer s-1", "anna", uid=70_000).uid == 70_000

    assert accounts.adopt("issuer s-2", "ben").uid == 70_001
    with pytest.raises(AccountError, match="70000 belongs to another"):
        accounts.adopt("issuer s-3", "cora", uid=70_000)
    with pytest.raises(AccountError, match="has the uid 70000; the provider says 5"):
        accounts.adopt("issuer s-1", "anna", uid=5000)


def test_no_password_opens_the_account_of_a_provider(accounts):
    accounts.adopt("issuer s-1", "anna")

    assert not accounts.verify("anna", "")
    with pytest.raises(AccountError, match="has no password"):
        accounts.set_password("anna", "a long password")


# ---- what is refused before a start


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


# ---- a real provider and a real hub

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

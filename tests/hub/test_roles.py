"""Roles: what each may do at the hub, exactly, and what none may do."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from daisy_hub.homes import accounts_of
from daisy_hub.identity import desk
from daisy_hub.identity.authenticator import DaisyAuthenticator
from daisy_hub.identity.roles import RoleUnknown, checked, hub_role, hub_roles_of
from daisy_hub.settings import Settings, load
from hypothesis import given
from hypothesis import strategies as st
from jupyterhub import orm, roles, scopes

OWN = {
    "access:servers", "delete:servers", "read:servers", "read:shares", "read:tokens",
    "read:users", "read:users:activity", "read:users:groups", "read:users:name",
    "read:users:shares", "servers", "start:servers", "tokens", "users:activity",
    "users:shares",
}  # fmt: skip
USER = {f"{scope}!user=anna" for scope in OWN}
SUPPORT = {
    "list:users", "read:servers", "read:users", "read:users:activity",
    "read:users:groups", "read:users:name",
}  # fmt: skip
OPERATOR = SUPPORT | {
    "admin-ui", "delete:servers", "read:hub", "read:metrics", "servers",
    "start:servers",
}  # fmt: skip
ALL = ("user", "staff:B7", "support", "operator")
# rights over everybody that no role has: they are the same as reading their data
NEVER = {
    "access:servers", "admin:auth_state", "admin:server_state", "admin:servers",
    "admin:users", "delete:users", "groups", "proxy", "shares", "shutdown", "tokens",
    "users",
}  # fmt: skip


@pytest.fixture(scope="module")
def database() -> Iterator[object]:
    """A hub's database with the roles that the configuration loads."""
    db = orm.new_session_factory("sqlite:///:memory:")()
    for role in (*roles.get_default_roles(), hub_role("support"), hub_role("operator")):
        roles.create_role(db, role)
    yield db
    db.close()


def resolved(db, account_roles: Iterable[str]) -> set[str]:
    user = orm.User(name="anna")
    db.add(user)
    for name in hub_roles_of(account_roles):
        roles.grant_role(db, entity=user, rolename=name)
    found = set(scopes.get_scopes_for(user))
    db.delete(user)
    db.commit()
    return found


@pytest.mark.parametrize(
    ("role", "more"),
    [
        ("user", set()),
        ("staff:B7", set()),
        ("support", SUPPORT),
        ("operator", OPERATOR),
    ],
)
def test_a_role_has_exactly_these_scopes(database, role, more):
    own = {scope for scope in USER if scope.removesuffix("!user=anna") not in more}

    assert resolved(database, [role]) == own | more


@given(held=st.sets(st.sampled_from(ALL)))
def test_no_set_of_roles_adds_up_to_more_than_its_parts(database, held):
    found = resolved(database, held)

    over_all = {scope for scope in found if "!" not in scope}
    parts = (SUPPORT if "support" in held else set()) | (
        OPERATOR if "operator" in held else set()
    )
    assert over_all == parts
    assert not over_all & NEVER


@pytest.mark.parametrize(
    "text", ["admin", "staff", "staff:", "staff:../x", "Operator", "", "server"]
)
def test_what_is_no_role_is_refused_with_those_there_are(text):
    with pytest.raises(RoleUnknown, match="user, support, operator, staff:BEAMLINE"):
        checked(text)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'home = "{tmp_path}"\ndata = "{tmp_path}"\nuser_environment = "/env"\n'
    )
    monkeypatch.setenv("DAISY_SETTINGS", str(file))
    accounts_of(load()).add("anna", "a long password")
    return load()


def test_roles_are_given_and_taken_and_written_down(settings):
    desk.change_roles(settings, "anna", {"support", "staff:B7"}, set())
    left = desk.change_roles(settings, "anna", set(), {"support"})

    assert left == ("user", "staff:B7")
    lines = map(json.loads, settings.audit_file.read_text().splitlines())
    assert [entry["after"] for entry in lines] == [
        ["staff:B7", "support"],
        ["staff:B7"],
    ]


def test_nobody_is_the_hubs_admin_whatever_their_roles(settings):
    desk.change_roles(settings, "anna", {"operator"}, set())

    model = DaisyAuthenticator().model(accounts_of(settings).get("anna"))

    assert model["admin"] is False
    assert [role["name"] for role in model["roles"]] == ["user", "operator"]

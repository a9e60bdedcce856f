"""Claims of a provider, read into names, groups, and roles."""

import pytest
from daisy_hub.identity.claims import ClaimInvalid, account_name, admitted
from daisy_hub.identity.claims import person_of as person_in
from oidc import options


def claims(**values: object) -> dict[str, object]:
    return {"sub": "s-1", "preferred_username": "anna", **values}


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

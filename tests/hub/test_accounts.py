"""Accounts: hashes, uids, names, and what happens at the same time."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from daisy_hub.accounts import AccountError, Accounts, generate_password


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "accounts.json", first_uid=70_000, first_gid=80_000)


def test_an_account_verifies_its_own_password_only(accounts):
    accounts.add("anna", "a long password")
    accounts.add("ben", "another password")

    assert accounts.verify("anna", "a long password")
    assert not accounts.verify("anna", "another password")
    assert not accounts.verify("nobody", "a long password")


def test_the_file_holds_no_password_and_is_closed_to_others(accounts):
    accounts.add("anna", "a long password")

    assert "a long password" not in accounts.path.read_text()
    assert accounts.path.stat().st_mode & 0o777 == 0o600


def test_every_account_has_a_uid_of_its_own(accounts):
    uids = [accounts.add(name, "password-8").uid for name in ("anna", "ben", "cora")]

    assert len(set(uids)) == 3
    assert min(uids) >= 70_000


@pytest.mark.parametrize("name", ["", "Anna", "../anna", "a b", "root/", "1anna"])
def test_a_name_that_is_no_account_name_is_refused(accounts, name):
    with pytest.raises(AccountError, match="cannot be an account name"):
        accounts.add(name, "password-8")


def test_a_short_password_is_refused_with_its_length(accounts):
    with pytest.raises(AccountError, match="8 characters or more; this one has 5"):
        accounts.add("anna", "short")


def test_an_unknown_account_names_those_there_are(accounts):
    accounts.add("anna", "password-8")

    with pytest.raises(AccountError, match="There are: anna"):
        accounts.get("bob")


def test_a_new_password_replaces_the_old_one(accounts):
    accounts.add("anna", "the old one")

    accounts.set_password("anna", "the new one")

    assert accounts.verify("anna", "the new one")
    assert not accounts.verify("anna", "the old one")


def test_accounts_made_at_the_same_time_lose_nothing(accounts):
    names = [f"user{i}" for i in range(8)]

    with ThreadPoolExecutor() as pool:
        made = list(pool.map(lambda name: accounts.add(name, "password-8"), names))

    assert sorted(accounts.names()) == names
    assert len({account.uid for account in made}) == len(names)


def test_a_proposal_keeps_its_group(accounts):
    first = accounts.proposal_gid("B7/P1")

    assert accounts.proposal_gid("B2/P2") != first
    assert accounts.proposal_gid("B7/P1") == first


def test_generated_passwords_differ():
    assert len({generate_password() for _ in range(100)}) == 100


def test_a_file_of_an_earlier_version_is_read(accounts):
    before = accounts.add("anna", "a long password")
    content = json.loads(accounts.path.read_text())
    entry = {"uid": before.uid, "password_hash": before.password_hash}
    old = {"accounts": {"anna": entry}, "next_uid": 70_001, "proposal_gids": {}}
    assert content["accounts"] == {"anna": entry}
    accounts.path.write_text(json.dumps(old))

    assert accounts.get("anna") == before
    assert accounts.verify("anna", "a long password")
    assert accounts.removed() == ()
    assert accounts.add("ben", "a long password").uid == 70_001


@pytest.mark.parametrize("name", ["root", "nobody", "nogroup"])
def test_a_name_that_every_sandbox_has_already_is_refused(accounts, name):
    with pytest.raises(AccountError, match="cannot be an account name"):
        accounts.add(name, "a long password")


def test_changes_made_at_the_same_time_lose_nothing(accounts):
    accounts.add("anna", "a long password")

    with ThreadPoolExecutor() as pool:
        list(
            pool.map(
                lambda n: accounts.change("anna", **dict([n])),
                [("groups", ["b7"]), ("roles", ["support"]), ("disabled", "a test")],
            )
        )

    anna = accounts.get("anna")
    assert (anna.groups, anna.roles, anna.disabled) == (
        ("b7",),
        ("support",),
        "a test",
    )


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

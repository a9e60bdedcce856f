"""A look of the grants' daemon: views follow, losers are ended, all is noted."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from daisy_hub import audit
from daisy_hub.grants import Round
from daisy_hub.grants.granted import Grant, changes, granted
from daisy_hub.homes import accounts_of, sandbox_of, view_of
from daisy_hub.proposals import (
    Person,
    all_proposals,
    closed_of,
    person_of,
    proposals_of,
)
from daisy_hub.settings import INSTANCE_VARIABLE, Settings
from daisy_hub.views import may_make_views
from hypothesis import given
from hypothesis import strategies as st

as_root = pytest.mark.skipif(not may_make_views(), reason="only root may mount")

TEAM = '["B7/P1"]\nmembers = ["anna", "ben"]\n["B2/P3"]\nmembers = ["ben"]\n'
WITHOUT_BEN = '["B7/P1"]\nmembers = ["anna"]\n["B2/P3"]\nmembers = ["ben"]\n'


def look(settings: Settings) -> list[str]:
    return list(Round(settings).run())


def noted(settings: Settings, event: str = "grant") -> list[tuple[str, ...]]:
    return [
        (e["event"], e["account"], e.get("proposal", ""))
        for e in audit.events(settings, event)
    ]


@pytest.fixture
def server(settings: Settings) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Something of an account that runs in its sandbox: server("ben")."""
    running: list[subprocess.Popen[str]] = []

    def start(name: str) -> subprocess.Popen[str]:
        sandbox = sandbox_of(settings, name)
        started = subprocess.Popen(
            # it says when it is up, and what it opened stays open
            sandbox.command(["sh", "-c", "echo up; exec sleep 100"]),
            env={**sandbox.variables(), INSTANCE_VARIABLE: settings.instance},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert started.stdout.readline() == "up\n"
        running.append(started)
        return started

    yield start
    for process in running:
        subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=False)
        process.kill()
        process.wait()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The environment is one that there is, for sandboxes that run."""
    settings.user_environment = settings.home / "envs" / "user"
    (settings.user_environment / "bin").mkdir(parents=True)
    (settings.user_environment / "bin" / "python").symlink_to("/usr/bin/python3")
    return settings


def test_every_grant_is_noted_once_and_so_is_its_end(settings, say):
    say(TEAM)
    look(settings)
    look(settings)
    assert noted(settings) == [
        ("grant.added", "anna", "B7/P1"),
        ("grant.added", "ben", "B2/P3"),
        ("grant.added", "ben", "B7/P1"),
    ]

    say(WITHOUT_BEN)
    look(settings)

    assert noted(settings)[3:] == [("grant.removed", "ben", "B7/P1")]


@as_root
def test_a_new_grant_comes_into_the_view_and_ends_nothing(settings, say, server):
    say(WITHOUT_BEN)
    look(settings)
    running = server("ben")

    say(TEAM)
    look(settings)

    assert (view_of(settings, "ben").path / "B7/P1/raw").is_dir()
    assert os.access(view_of(settings, "ben").path / "B7/P1/processed", os.W_OK)
    assert running.poll() is None


@as_root
def test_who_loses_a_grant_is_ended_with_all_that_is_open(settings, say, server):
    say(TEAM)
    look(settings)
    bens, annas = server("ben"), server("anna")

    say(WITHOUT_BEN)
    said = look(settings)

    bens.wait(10)
    assert annas.poll() is None
    assert not (view_of(settings, "ben").path / "B7/P1").exists()
    assert (view_of(settings, "ben").path / "B2/P3").is_dir()
    assert noted(settings, "account.ended") == [("account.ended", "ben", "")]
    assert any("processes of ben were ended, who lost B7/P1" in s for s in said)


@as_root
def test_a_closed_proposal_leaves_every_view_and_the_rest_of_its_beamline_stays(
    settings, say, server
):
    say(TEAM)
    accounts_of(settings).add("cora", "a long password")
    accounts_of(settings).change("cora", roles=["staff:B7"])
    look(settings)
    bens, coras = server("ben"), server("cora")
    assert (view_of(settings, "cora").path / "B7/P1/raw").is_dir()

    closed_of(settings.state).close("B7/P1", "the sample is hot")
    look(settings)

    bens.wait(10)
    coras.wait(10)
    for name in ("anna", "ben", "cora"):
        assert not (view_of(settings, name).path / "B7/P1").exists()
    assert (view_of(settings, "cora").path / "B7/P2/raw").is_dir()
    assert (view_of(settings, "ben").path / "B2/P3/raw").is_dir()

    closed_of(settings.state).reopen("B7/P1")
    look(settings)
    server("cora")
    assert (view_of(settings, "cora").path / "B7/P1/raw").is_dir()


@as_root
def test_caches_that_may_hold_what_was_lost_are_deleted(settings, say, server):
    say(TEAM)
    look(settings)
    server("ben")
    cache = settings.homes / "ben" / ".cache" / "daisy" / "catalog"
    cache.mkdir(parents=True)
    for folder in (cache, cache.parent, cache.parent.parent):
        shutil.chown(folder, accounts_of(settings).get("ben").uid)
    (settings.homes / "ben" / "notes.txt").write_text("his own")

    say(WITHOUT_BEN)
    look(settings)

    assert not cache.parent.exists()
    assert (settings.homes / "ben" / "notes.txt").exists()


@as_root
def test_a_link_in_a_home_does_not_lead_the_deleting_elsewhere(
    settings, say, server, tmp_path
):
    say(TEAM)
    look(settings)
    server("ben")
    foreign = tmp_path / "foreign" / "daisy"
    foreign.mkdir(parents=True)
    (settings.homes / "ben" / ".cache").symlink_to(foreign.parent)

    say(WITHOUT_BEN)
    look(settings)

    assert foreign.exists()


@as_root
def test_the_end_of_writing_ends_no_server(settings, say, server):
    say(TEAM)
    look(settings)
    running = server("ben")

    yesterday = date.today() - timedelta(days=1)
    say(TEAM.replace("]\n[", f"]\nprocessed = {{ until = {yesterday} }}\n["))
    look(settings)

    assert running.poll() is None
    assert ("grant.changed", "ben", "B7/P1") in noted(settings)
    with pytest.raises(OSError, match="Read-only"):
        (view_of(settings, "ben").path / "B7/P1/processed/x").touch()


@as_root
def test_an_outage_of_the_source_ends_nobody_and_takes_nothing(settings, say, server):
    say(TEAM)
    look(settings)
    running = server("ben")

    say("damaged [")
    said = look(settings)

    assert running.poll() is None
    assert (view_of(settings, "ben").path / "B7/P1/raw").is_dir()
    assert "The last known memberships stay in force" in said[0]


@as_root
def test_a_tree_that_is_away_ends_nobody(settings, say, server):
    say(TEAM)
    look(settings)
    running = server("ben")
    settings.data.rename(settings.data.with_name("away"))

    with pytest.raises(OSError, match="No such file"):
        look(settings)

    assert running.poll() is None
    assert noted(settings)[3:] == []


@as_root
def test_a_look_that_was_killed_is_made_again(settings, say, server, monkeypatch):
    say(TEAM)
    look(settings)
    say(WITHOUT_BEN)
    server("ben")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(audit, "record", killed)
    with pytest.raises(KeyboardInterrupt):
        look(settings)
    monkeypatch.undo()
    monkeypatch.setenv("DAISY_SETTINGS", str(settings.home / "settings.toml"))
    look(settings)

    assert noted(settings)[3:] == [("grant.removed", "ben", "B7/P1")]


def test_the_end_of_an_embargo_is_noted_once_for_everybody(settings, say):
    say(f'["B7/P1"]\nmembers = ["anna"]\nraw = {{ everybody = {date.today()} }}')

    look(settings)

    assert ("grant.added", "*", "B7/P1") in noted(settings)
    assert not any(account == "ben" for _, account, _ in noted(settings))


GRANTS = st.builds(
    Grant, st.sampled_from(["", "read"]), st.sampled_from(["", "read", "write"])
)
KEYS = st.tuples(st.sampled_from("ab"), st.sampled_from(["B7/P1", "B2/P3"]))


@given(st.dictionaries(KEYS, GRANTS), st.dictionaries(KEYS, GRANTS))
def test_changes_lead_from_one_state_to_the_other(before, after):
    reached = dict(before)
    for account, proposal, was, now in changes(before, after):
        assert reached.get((account, proposal), Grant()) == was
        reached[account, proposal] = now
    assert {k: g for k, g in reached.items() if g.is_any} == {
        k: g for k, g in after.items() if g.is_any
    }


def test_what_is_granted_is_what_each_account_would_be_told_alone(settings, say):
    say(TEAM + f'["B7/P2"]\ngroups = ["g"]\nraw = {{ everybody = {date.today()} }}')
    accounts = accounts_of(settings)
    people = {
        "anna": person_of(accounts.get("anna")),
        "ben": Person("ben", roles=frozenset({"staff:B7"})),
        "cora": Person("cora", groups=frozenset({"g"})),
    }
    proposals = all_proposals(settings, accounts)

    found = granted(people, proposals)

    for name, person in people.items():
        alone = {p.identifier for p in proposals_of(person, proposals)}
        told = {p for account, p in found if account in (name, "*")}
        assert told == alone

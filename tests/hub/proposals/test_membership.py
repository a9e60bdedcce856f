"""The memberships in force: an outage takes nothing from anybody."""

import json
from importlib.metadata import EntryPoint

import pytest
from daisy_hub import audit
from daisy_hub.homes import accounts_of
from daisy_hub.proposals import Membership, MembersInvalid, sources

TEAM = [f"user{n}" for n in range(10)]


@pytest.fixture
def membership(settings) -> Membership:
    return Membership(settings, accounts_of(settings))


def team(settings, names: list[str]) -> None:
    for name in names:
        if name not in accounts_of(settings).names():
            accounts_of(settings).add(name, "a-long-password")
    content = f'["B7/P1"]\nmembers = {json.dumps(names)}\n'
    (settings.data / "members.toml").write_text(content)


def test_what_was_said_last_stays_in_force_while_a_source_fails(
    membership, settings, say
):
    say('["B7/P1"]\nmembers = ["anna"]')
    membership.sync()
    say("damaged [")

    outcome = membership.sync()

    assert "members.toml" in outcome.problem
    assert membership.entries()["B7/P1"].members == ("anna",)
    assert membership.problem() == outcome.problem


def test_an_alarm_is_noted_once_and_ends_with_its_cause(membership, settings, say):
    say("damaged [")
    membership.sync()
    membership.sync()
    assert len(list(audit.events(settings, "members.alarm"))) == 1

    say('["B7/P1"]\nmembers = ["anna"]')
    membership.sync()

    assert membership.problem() == ""


def test_days_and_groups_survive_being_kept(membership, settings, say):
    say(
        '["B7/P1"]\nmembers = ["anna"]\ngroups = ["g"]\n'
        "temporary = { ben = 2026-12-05 }\nraw = { from = 2026-11-01 }\n"
        "processed = { until = 2027-11-01 }\n"
    )
    before = membership.entries()

    membership.sync()
    (settings.data / "members.toml").unlink()

    assert membership.entries() == before


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    membership, settings, say
):
    say('["B7/P1"]\nmembers = ["anna"]')
    membership.sync()
    say('["B7/P1"]\nmembers = ["ben"]')

    change = membership.sync(dry=True).change

    assert change.added == {("ben", "B7/P1")}
    assert change.removed == {("anna", "B7/P1")}
    assert membership.entries()["B7/P1"].members == ("anna",)


def test_a_source_that_takes_from_very_many_waits_for_an_operator(membership, settings):
    team(settings, TEAM)
    membership.sync()
    team(settings, TEAM[:2])

    outcome = membership.sync()
    assert "8 of 10 memberships" in outcome.problem
    assert len(membership.entries()["B7/P1"].members) == 10

    assert membership.sync(accept=True).problem == ""
    assert len(membership.entries()["B7/P1"].members) == 2


def test_one_who_leaves_is_no_alarm(membership, settings):
    team(settings, TEAM)
    membership.sync()
    team(settings, TEAM[:9])

    assert membership.sync().problem == ""
    assert "user9" not in membership.entries()["B7/P1"].members


def user_office(settings: object) -> dict[str, object]:
    return {"B7/P1": {"members": ["ben"], "temporary": {"anna": "2026-12-05"}}}


def unreachable(settings: object) -> dict[str, object]:
    raise ConnectionError("the user office does not answer")


def unclear(settings: object) -> dict[str, object]:
    return {"B7/P1": {"people": ["ben"]}}


@pytest.fixture
def plug_in(monkeypatch, new_settings):
    """Install a plug-in of the facility: plug_in(function) gives the membership."""

    def install(function, members_from=("office",)) -> Membership:
        point = EntryPoint("office", f"{__name__}:{function.__name__}", "daisy.members")
        monkeypatch.setattr(EntryPoint, "load", lambda _: function)
        monkeypatch.setattr(sources, "entry_points", lambda group: [point])
        settings = new_settings(members_from=list(members_from))
        for name in ("anna", "ben"):
            accounts_of(settings).add(name, "a-long-password")
        (settings.data / "B7/P1/raw").mkdir(parents=True)
        return Membership(settings, accounts_of(settings))

    return install


def test_a_user_office_is_a_plug_in(plug_in):
    entry = plug_in(user_office).entries()["B7/P1"]

    assert entry.named == ("ben", "anna")


def test_sources_are_joined(plug_in, tmp_path):
    membership = plug_in(user_office, ("table", "office"))
    (tmp_path / "data" / "members.toml").write_text('["B7/P1"]\nmembers = ["cora"]')

    assert membership.entries()["B7/P1"].members == ("cora", "ben")


@pytest.mark.parametrize(
    ("function", "said"),
    [(unreachable, "does not answer"), (unclear, "the source office: 'B7/P1'")],
)
def test_a_plug_in_that_fails_or_is_not_clear_grants_nothing(plug_in, function, said):
    with pytest.raises(MembersInvalid, match=said):
        plug_in(function).entries()


def test_an_unknown_source_is_refused_with_the_known_ones(new_settings):
    settings = new_settings(members_from=["offic"])

    with pytest.raises(MembersInvalid, match="table, groups, posix"):
        Membership(settings, accounts_of(settings)).entries()


def test_groups_of_the_provider_are_named_after_the_proposals(new_settings):
    settings = new_settings(
        members_from=["groups"], group_of_proposal="{beamline}-{proposal}"
    )
    (settings.data / "B7/P1/raw").mkdir(parents=True)

    entry = Membership(settings, accounts_of(settings)).entries()["B7/P1"]

    assert entry.groups == ("B7-P1",)


def test_groups_of_the_system_have_the_members_that_it_says(new_settings, monkeypatch):
    class Group:
        gr_mem = ("ben",)

    def getgrnam(name: str) -> Group:
        if name != "P1":
            raise KeyError(name)
        return Group()

    monkeypatch.setattr(sources.grp, "getgrnam", getgrnam)
    settings = new_settings(members_from=["posix"])
    for name in ("B7/P1", "B7/P2"):
        (settings.data / name / "raw").mkdir(parents=True)

    entries = Membership(settings, accounts_of(settings)).entries()

    assert {i: e.members for i, e in entries.items()} == {"B7/P1": ("ben",)}

"""What an account may do with a proposal: membership, staff, days."""

import dataclasses
from datetime import date

import pytest
from daisy_hub.homes import accounts_of
from daisy_hub.proposals import (
    MembersInvalid,
    Person,
    all_proposals,
    closed_of,
    person_of,
    proposals_of,
)

TODAY = date(2026, 11, 10)


def seen_by(settings, name: str, **changes) -> list[str]:
    accounts = accounts_of(settings)
    person = dataclasses.replace(person_of(accounts.get(name)), **changes)
    proposals = all_proposals(settings, accounts)
    return [p.identifier for p in proposals_of(person, proposals, TODAY)]


def rights(settings, person: Person, identifier: str = "B7/P1") -> tuple[str, str]:
    proposals = {
        p.identifier: p for p in all_proposals(settings, accounts_of(settings))
    }
    found = proposals[identifier]
    return found.raw(person, TODAY), found.processed(person, TODAY)


def test_without_a_table_the_first_account_sees_all_and_others_nothing(settings):
    assert seen_by(settings, "anna") == ["B2/P3", "B7/P1", "B7/P2"]
    assert seen_by(settings, "ben") == []


def test_members_see_their_proposals_and_no_other(settings, say):
    say('["B7/P1"]\nmembers = ["anna"]\n["B2/P3"]\nmembers = ["anna", "ben"]\n')

    assert seen_by(settings, "anna") == ["B2/P3", "B7/P1"]
    assert seen_by(settings, "ben") == ["B2/P3"]


def test_a_table_that_is_not_clear_grants_nothing(settings, say):
    say('["B7/P1"]\nmembers = "anna"')

    with pytest.raises(MembersInvalid):
        seen_by(settings, "anna")


def test_an_entry_without_a_folder_is_no_proposal(settings, say):
    say('["B9/GONE"]\nmembers = ["anna"]\n')

    assert seen_by(settings, "anna") == []


def test_who_is_in_a_group_of_the_proposal_is_a_member(settings, say):
    say('["B7/P1"]\ngroups = ["team-p1"]\n')

    assert seen_by(settings, "ben") == []
    assert seen_by(settings, "ben", groups=frozenset({"team-p1"})) == ["B7/P1"]


def test_staff_read_their_beamline_and_write_where_they_are_members(settings, say):
    say('["B7/P1"]\nmembers = ["ben"]\n')
    staff = Person("ben", roles=frozenset({"staff:B7"}))

    assert rights(settings, staff, "B7/P1") == ("read", "write")
    assert rights(settings, staff, "B7/P2") == ("read", "read")
    assert rights(settings, staff, "B2/P3") == ("", "")


def test_a_temporary_member_is_one_until_the_day_is_over(settings, say):
    say('["B7/P1"]\nmembers = []\ntemporary = { ben = 2026-11-10, anna = 2026-11-09 }')

    assert rights(settings, Person("ben")) == ("read", "write")
    assert rights(settings, Person("anna")) == ("", "")


def test_the_end_of_an_embargo_opens_raw_data_and_nothing_else(settings, say):
    say('["B7/P1"]\nmembers = ["anna"]\nraw = { everybody = 2026-11-10 }')

    assert rights(settings, Person("ben")) == ("read", "")
    assert rights(settings, Person("anna")) == ("read", "write")


def test_after_the_last_day_of_writing_the_team_still_reads(settings, say):
    say('["B7/P1"]\nmembers = ["anna"]\nprocessed = { until = 2026-11-09 }')

    assert rights(settings, Person("anna")) == ("read", "read")


def test_a_closed_proposal_is_seen_by_nobody_until_it_is_opened_again(settings, say):
    say(
        '["B7/P1"]\nmembers = ["anna"]\n'
        f"raw = {{ everybody = {TODAY} }}\nprocessed = {{ everybody = {TODAY} }}\n"
    )
    member, stranger = Person("anna"), Person("ben")
    staff = Person("cora", roles=frozenset({"staff:B7"}))
    assert rights(settings, member) == ("read", "write")

    closed_of(settings.state).close("B7/P1", "the sample is hot")

    for person in (member, stranger, staff):
        assert rights(settings, person) == ("", "")
    assert rights(settings, staff, "B7/P2") == ("read", "read")

    closed_of(settings.state).reopen("B7/P1")
    assert rights(settings, member) == ("read", "write")
    assert rights(settings, stranger) == ("read", "read")


def test_a_list_of_closed_proposals_that_is_damaged_opens_nothing(settings, say):
    say('["B7/P1"]\nmembers = ["anna"]\n')
    closed_of(settings.state).close("B7/P1", "the sample is hot")
    closed_of(settings.state).path.write_text("[")

    with pytest.raises(MembersInvalid, match="Mend it"):
        seen_by(settings, "anna")

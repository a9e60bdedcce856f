"""The load test with a few people: it measures what it says, and nobody fails."""

import pytest
from bench.hub import sizing
from bench.hub.__main__ import HUBS, Round, measure, page
from bench.hub.people import Times

PEOPLE = 4


@pytest.mark.service
@pytest.mark.timeout(300)
def test_everybody_comes_in_at_both_hubs():
    rounds = measure(PEOPLE, 1)

    assert [r.hub for r in rounds] == list(HUBS)
    for each in rounds:
        assert each.times.errors == []
        assert each.times.sent_away == 0
        assert len(each.times.login) == len(each.times.spawn) == PEOPLE
        assert len(each.times.api) == 5 * PEOPLE
        assert min(each.times.spawn) > 0.05, "a server was really started"
        assert each.cpu > 0


def test_what_a_facility_needs_follows_from_what_was_measured():
    costs = sizing.Costs(
        accounts=500, labs=6, hub=1e9, hub_idle=0.5, lab=150e6, kernel=50e6,
        lab_idle=0.01, start=6,
    )  # fmt: skip

    text = sizing.page(costs)

    assert "| memory, before anybody loads data | 31.0 GB |" in text
    assert "| cores while nothing is done | 2.0 |" in text
    assert "| cores while all come within 15 minutes | 3.0 |" in text


def test_the_page_has_a_line_for_each_hub():
    times = Times([0.1] * 20, [2.0] * 20, [0.01] * 20, ["one"], 3)

    text = page([Round(title, times, 2.0) for title in HUBS], 20)

    for title in HUBS:
        assert f"| {title} | 100 ms / 100 ms | 2.0 s / 2.0 s | 10 ms / 10 ms" in text
    assert text.count("| 100 ms | 1 | 3 |") == 2

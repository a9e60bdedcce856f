"""Bounds of clusters: the widest that apply, and never more than is shared."""

import pytest
from daisy_hub.gateway.limits import ClusterLimits, GroupLimits, Limits, Use, room_for
from hypothesis import given
from hypothesis import strategies as st

GIB = 2**30
USES = st.builds(
    Use, st.integers(0, 20), st.sampled_from([0.5, 1.0, 4.0]), st.just(2.0 * GIB)
)


def test_a_member_of_a_group_has_the_widest_bounds_that_apply():
    limits = ClusterLimits(
        each=Limits(clusters=2, cores=4, memory="8 GiB"),
        groups={
            "staff:B7": GroupLimits(each=Limits(clusters=1, cores=64, memory="1 GiB")),
            "students": GroupLimits(together=Limits(cores=8)),
        },
    )

    assert limits.of_account(["students"]) == limits.each
    own = limits.of_account(["staff:B7", "students"])
    assert (own.clusters, own.cores, own.memory) == (2, 64, 8 * GIB)


def test_no_bound_is_wider_than_every_bound():
    limits = ClusterLimits(
        each=Limits(clusters=2, cores=4),
        groups={"staff": GroupLimits(each=Limits(clusters=None, cores=8))},
    )

    assert limits.of_account(["staff"]).clusters is None
    assert limits.of_account(["staff"]).memory is None


def test_what_is_shared_is_listed_by_group():
    together = Limits(cores=8)
    limits = ClusterLimits(groups={"p1": GroupLimits(together=together)})

    assert limits.of_groups(["p1", "other"]) == {"p1": together}


@given(st.lists(USES, max_size=4), st.floats(0, 100), st.sampled_from([0.5, 1.0, 3.0]))
def test_workers_fit_and_one_more_would_not(others, cores, one):
    room = room_for(Limits(cores=cores), one, GIB, others)

    used = sum(u.workers * u.cores for u in others)
    if room:
        assert used + room * one <= cores + 1e-6
    assert used + (room + 1) * one > cores - 1e-6


def test_the_tighter_of_cores_and_memory_decides():
    limits = Limits(cores=8, memory="8 GiB")

    assert room_for(limits, 1, 2 * GIB, []) == 4
    assert room_for(limits, 4, 1 * GIB, []) == 2
    assert room_for(limits, 1, 1 * GIB, [Use(3, 1, 2 * GIB)]) == 2


def test_tenths_of_a_core_add_up():
    assert room_for(Limits(cores=1), 0.1, 1, [Use(7, 0.1, 1)]) == 3


@pytest.mark.parametrize("wrong", [{"clusters": -1}, {"core": 1}, {"memory": "much"}])
def test_what_is_no_bound_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limits(**wrong)

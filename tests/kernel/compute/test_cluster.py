"""What an engine asks of a shared cluster, and of the gateway, without one."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.compute.cluster import Cluster
from daisy_kernel.compute.growth import Growth
from daisy_kernel.compute.scheduler import asked_for


class Gateway:
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def scale_cluster(self, name: str, count: int) -> None:
        self.asked.append(count)

    def adapt_cluster(self, name: str, least: int, most: int | None) -> None:
        self.asked.append((least, most))


def cluster(count: int, bounds: Any, clients: int) -> Cluster:
    known = {"clients": ["mine", "b", "c"][:clients], "count": count, "bounds": bounds}
    client = SimpleNamespace(
        id="mine", status="running", run_on_scheduler=lambda function: known
    )
    return Cluster(Gateway(), "one", client, is_own=False)


sizes = st.integers(0, 9)
ranges = st.tuples(sizes, sizes).map(sorted).map(tuple)


@settings(deadline=None)  # dask-gateway is imported at the first one
@given(sizes, st.none() | ranges, ranges.filter(lambda r: r[1] > 0))
def test_who_joins_takes_no_workers_away(count: int, bounds: Any, wanted: Any) -> None:
    shared = cluster(count, bounds, clients=2)
    shared.ask_for(wanted)

    (asked,) = shared.gateway.asked
    least, most = asked if isinstance(asked, tuple) else (asked, asked)
    has_least, has_most = bounds or (count, count)
    assert least >= max(has_least, wanted[0])
    assert most >= max(has_most, wanted[1])


@settings(deadline=None)
@given(sizes, st.none() | ranges, ranges.filter(lambda r: r[1] > 0))
def test_who_is_alone_gets_what_is_wanted(count: int, bounds: Any, wanted: Any) -> None:
    alone = cluster(count, bounds, clients=1)
    alone.ask_for(wanted)

    least, most = wanted
    assert alone.gateway.asked == [most if least == most else wanted]


def test_long_run_gets_all_workers_and_gives_them_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    adaptive = cluster(1, (1, 8), clients=1)
    growth = Growth(adaptive, 8, 100)

    growth(90)  # at once nothing is known
    now[0] = 2.0
    growth(95)
    growth(95)
    growth.end()

    assert adaptive.gateway.asked == [(8, 8), (1, 8)]


def test_short_run_gets_no_more_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    adaptive = cluster(1, (1, 8), clients=1)
    growth = Growth(adaptive, 8, 100)
    now[0] = 2.0
    growth(50)
    growth.end()

    assert adaptive.gateway.asked == []


def test_scheduler_without_a_gateway_tells_its_workers() -> None:
    scheduler = SimpleNamespace(services={}, workers={"a": 1}, clients={"Client-1": 1})

    assert asked_for(scheduler) == {
        "clients": ["Client-1"],
        "count": 1,
        "bounds": None,
    }


@pytest.mark.parametrize("workers", [0, -1, (3, 2), (0, 0)])
def test_wrong_numbers_of_workers_are_refused_first(workers: Any) -> None:
    with pytest.raises(errors.ParameterRefused, match="the least and the most"):
        daisy.engine("gateway", workers=workers)


def test_asynchronous_client_is_refused() -> None:
    with pytest.raises(errors.ParameterRefused, match="asynchronous"):
        daisy.engine("dask", client=SimpleNamespace(asynchronous=True))

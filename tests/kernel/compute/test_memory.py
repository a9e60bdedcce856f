"""Values on workers: only what is selected travels, and a lost worker is named."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from indices import indices

import daisy_kernel as daisy
from daisy_kernel.compute import DaskEngine, memory
from daisy_kernel.model import Axis, DataObject, Dataset, errors
from daisy_kernel.store import DataStore

SHAPE = (11, 4, 6)
DATA = np.arange(np.prod(SHAPE), dtype="<i4").reshape(SHAPE)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as found,
    ):
        yield found


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_BLOCK", 3 * DATA[0].nbytes)


@pytest.fixture
def scattered(client: Any, small_blocks: None) -> Dataset:
    return memory.scatter("frames", DATA, client)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(index=indices(SHAPE))
def test_reads_what_numpy_gives(scattered: Dataset, index: Any) -> None:
    assert np.array_equal(scattered.read(index), DATA[index])


def test_asks_only_for_blocks_that_hold_some_of_it(scattered: Dataset) -> None:
    assert scattered.chunks == (3, 4, 6)
    assert "4 block(s)" in scattered.explain()
    assert "1 block(s)" in scattered.explain(np.s_[4, 2])
    assert np.array_equal(scattered.take([9, 0]).read(), DATA[[9, 0]])


def test_numbers_and_nothing_can_be_scattered(client: Any) -> None:
    assert memory.scatter("a", np.array(3.5), client).read() == 3.5
    assert memory.scatter("b", np.zeros((0, 3)), client).read().shape == (0, 3)


def test_a_store_brings_objects_to_the_cluster_and_back(
    client: Any, small_blocks: None, tmp_path: Any
) -> None:
    before = set(client.who_has())
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file["d"] = DATA
    angle = Axis("angle", np.arange(11.0), "deg")
    with (
        daisy.open(tmp_path / "scan.h5") as scan,
        DataStore(memory="1 MiB", cluster=DaskEngine(client)) as store,
    ):
        store["a"] = DataObject(DATA, (angle, Axis("y"), Axis("x")), "counts")
        store.put("lazy", scan["d"])

        for name in ("a", "lazy"):
            store.move(name, "cluster")

            assert store.tier(name) == "cluster"
            assert np.array_equal(store[name][3:8, 1], DATA[3:8, 1])
        assert store.used == 0
        assert store["a"].axes[0] is angle
        assert len(client.who_has()) >= 8
        for tier in ("disk", "cluster", "shared", "cluster", "memory"):
            store.move("a", tier)  # type: ignore[arg-type]
            assert np.array_equal(store["a"].read(), DATA)
            assert store["a"].units == "counts"
        del store["lazy"]
    end = time.monotonic() + 10
    while set(client.who_has()) - before and time.monotonic() < end:
        time.sleep(0.05)
    assert not set(client.who_has()) - before, "the workers' memory is given back"


def test_a_lost_worker_is_told_by_the_name_of_the_object(
    client: Any, small_blocks: None
) -> None:
    with DataStore(cluster=client) as store:
        store["maps/iron"] = DATA
        store.move("maps/iron", "cluster")
        (pid,) = client.run(os.getpid).values()

        os.kill(pid, signal.SIGKILL)

        with pytest.raises(errors.EngineUnavailable, match="maps/iron: rows 3 to 5"):
            store["maps/iron"][4]
        with pytest.raises(errors.EngineUnavailable, match="maps/iron"):
            store.move("maps/iron", "disk")
        assert store["maps/iron"].data.missing_sources  # type: ignore[union-attr]
        client.wait_for_workers(1, timeout=30)  # its nanny starts another one
        store["maps/iron"] = DATA
        store.move("maps/iron", "cluster")
        assert np.array_equal(store["maps/iron"].read(), DATA)


def test_a_cluster_without_workers_takes_nothing() -> None:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        Client(cluster) as client,
        pytest.raises(errors.EngineUnavailable, match="no worker"),
    ):
        memory.scatter("frames", DATA, client)

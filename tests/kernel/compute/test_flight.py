"""Items on dask workers: a window of them, and what becomes of those that are lost."""

import _thread
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.compute import DaskEngine, versions
from daisy_kernel.compute.client import Crew
from daisy_kernel.native import workers


def echo(number: int) -> int:
    return number


def pause(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def finish(seconds: float) -> float:
    time.sleep(seconds)
    return time.time()


def deadly(number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return number


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    settings = {
        "distributed.scheduler.allowed-failures": 2,
        "distributed.worker.multiprocessing-method": "forkserver",
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster) as found,
    ):
        yield found


@pytest.fixture
def engine(client: Any) -> DaskEngine:
    client.wait_for_workers(2)
    found = daisy.engine("dask", client=client)
    assert isinstance(found, DaskEngine)
    return found


def pids(client: Any) -> dict[str, int]:
    return dict(client.run(os.getpid))


def tasks(client: Any) -> int:
    count = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
    return int(count)


class Items(Sequence[int]):
    """Numbers that remember how many were asked for."""

    def __init__(self, count: int) -> None:
        self.count, self.given = count, 0

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, at: Any) -> Any:
        self.given = max(self.given, at + 1)
        return at


def test_only_a_window_of_items_is_under_way(engine: DaskEngine) -> None:
    items, most = Items(200), 0

    for done, (number, result) in enumerate(engine.map(echo, items)):
        assert number == result
        most = max(most, items.given - done)

    assert done == 199
    assert most <= 2 * 4 + 1  # and the one that was just given


def test_results_come_in_the_order_of_finishing(engine: DaskEngine) -> None:
    ends = [end for _, end in engine.map(finish, [0.6, 0.1, 0.0, 0.3, 0.0, 0.2] * 2)]

    assert len(ends) == 12
    assert all(after > before - 0.1 for before, after in pairwise(ends))


def test_killed_worker_costs_its_items_not_the_run(
    engine: DaskEngine, client: Any
) -> None:
    found = []
    for number, _ in engine.map(pause, [0.05] * 30):
        found.append(number)
        if len(found) == 5:
            os.kill(next(iter(pids(client).values())), signal.SIGKILL)

    assert sorted(found) == list(range(30))


def test_results_that_are_lost_are_computed_again(
    engine: DaskEngine, client: Any
) -> None:
    found = []
    for number, _ in engine.map(echo, range(8)):
        found.append(number)
        if len(found) == 1:
            time.sleep(0.3)  # the others are done, and wait on their workers
            for pid in pids(client).values():
                os.kill(pid, signal.SIGKILL)

    assert sorted(found) == list(range(8))


def test_item_that_ends_workers_is_named_and_others_are_not(
    engine: DaskEngine,
) -> None:
    found: list[int] = []
    with pytest.raises(errors.ItemEndsWorkers, match=r"item 5 \(5\) ended 3") as caught:
        found += [number for number, _ in _remembered(engine, found)]

    assert caught.value.number == 5
    assert 5 not in found
    assert {0, 1, 2} < set(found)


def _remembered(engine: DaskEngine, found: list[int]) -> Iterator[tuple[int, int]]:
    for number, result in engine.map(deadly, range(40)):
        found.append(number)
        yield number, result


def test_error_of_an_item_ends_the_run_at_once(engine: DaskEngine, client: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        list(engine.map(_reciprocal, [1, 0] + [1] * 500))

    assert wait_for(lambda: tasks(client) == 0)


def _reciprocal(number: int) -> float:
    return 1 / number


def test_interrupted_run_leaves_nothing_on_the_cluster(
    engine: DaskEngine, client: Any
) -> None:
    threading.Timer(0.5, _thread.interrupt_main).start()

    with pytest.raises(KeyboardInterrupt):
        list(engine.map(pause, [0.4] * 100))

    assert wait_for(lambda: tasks(client) == 0)


def test_run_that_is_left_half_way_leaves_nothing(
    engine: DaskEngine, client: Any
) -> None:
    for number, _ in engine.map(pause, [0.01] * 100):
        if number >= 3:
            break

    assert wait_for(lambda: tasks(client) == 0)


def test_workers_with_other_versions_are_refused(
    engine: DaskEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dict(versions.ours()) | {"numpy": "1.0", "python": "3.99"}
    monkeypatch.setattr(versions, "ours", lambda: here)

    with pytest.raises(
        errors.EngineUnavailable, match=r"python 3.*and 3\.99 here"
    ) as c:
        list(engine.map(echo, range(3)))

    assert "numpy" in str(c.value)
    assert "and 1.0 here" in str(c.value)


def test_worker_without_daisy_is_refused_in_words() -> None:
    there = {"python": versions.ours()["python"], "daisy-kernel": "not installed"}

    said = versions.difference(there | {"numpy": versions.ours()["numpy"]})

    assert said.startswith("daisy-kernel not installed there and 0")


def test_scheduler_that_is_killed_is_an_error_of_ours(tmp_path: Any) -> None:
    file = tmp_path / "scheduler.json"
    start = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    scheduler = subprocess.Popen(
        [*start, "scheduler", "--port", "0", "--host", "127.0.0.1", *common], **quiet
    )
    worker = subprocess.Popen([*start, "worker", "--no-nanny", *common], **quiet)
    try:
        assert wait_for(file.exists)
        with Client(scheduler_file=str(file), timeout=3) as client:
            engine = DaskEngine(client)
            run = engine.map(pause, [0.1] * 100)
            next(run)
            scheduler.kill()
            with pytest.raises(errors.EngineUnavailable, match="connection") as caught:
                list(run)
            with pytest.raises(errors.EngineUnavailable, match="not connected"):
                list(engine.map(echo, [1]))
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    assert "daisy.engine('local')" in str(pickle.loads(pickle.dumps(caught.value)))


class Opener:
    """Stands for what opens a file: it counts how often it was unpacked."""

    def __init__(self, ballast: bytes = b"") -> None:
        self.ballast, self.calls = ballast, 0

    def __call__(self, item: int) -> tuple[int, int]:
        self.calls += 1
        return os.getpid(), self.calls


@pytest.mark.parametrize("size", [0, 1 << 20])
def test_function_is_unpacked_once_in_each_worker(
    engine: DaskEngine, client: Any, size: int
) -> None:
    calls = [found for _, found in engine.map(Opener(bytes(size)), range(40))]

    for pid in {pid for pid, _ in calls}:
        own = sorted(number for of, number in calls if of == pid)
        assert own == list(range(1, len(own) + 1))
    assert wait_for(lambda: set(client.run(_kept).values()) == {0})
    assert wait_for(lambda: tasks(client) == 0)


def _kept() -> int:
    from daisy_kernel.compute import parcel

    return len(parcel._kept)


def test_large_function_survives_the_worker_that_had_it(
    engine: DaskEngine, client: Any
) -> None:
    run = engine.map(Opener(bytes(1 << 20)), range(60))
    found = [next(run)[0]]
    for pid in pids(client).values():
        os.kill(pid, signal.SIGKILL)
    found += [number for number, _ in run]

    assert sorted(found) == list(range(60))


def test_two_items_go_to_two_workers(engine: DaskEngine) -> None:
    found = [pid for _, (pid, _) in engine.map(Slow(bytes(1 << 20)), range(2))]

    assert len(set(found)) == 2


class Slow(Opener):
    def __call__(self, item: int) -> tuple[int, int]:
        time.sleep(0.3)
        return super().__call__(item)


def test_overhead_of_an_item_is_small(engine: DaskEngine) -> None:
    list(engine.map(echo, range(50)))

    start = time.perf_counter()
    list(engine.map(echo, range(300)))

    assert (time.perf_counter() - start) / 300 < 0.010


def test_workers_are_not_asked_for_while_the_connection_is_lost() -> None:
    """distributed has no scheduler to ask then, which was an error of its own."""
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        client = Client(cluster)
        crew = Crew(client, most=3)
        cluster.close()
        assert wait_for(lambda: client.scheduler is None)

        assert crew.threads(waiting=1) == 3

        client.close()


def test_a_worker_keeps_as_many_cpus_busy_as_it_has_threads(engine: DaskEngine) -> None:
    """Not all of the machine: other workers are beside it."""
    before = workers()

    found = {count for _, count in engine.map(busy, range(4))}

    assert found == {1}
    assert workers() == before


def busy(_: int) -> int:
    return workers()

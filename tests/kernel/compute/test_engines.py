"""Engines give every result once; a cluster without a client ends."""

import asyncio
import time
from pathlib import Path
from typing import Any

import dask_gateway  # noqa: F401  (loads its defaults before a test sets others)
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.apps import tomography
from daisy_kernel.compute import DaskEngine, LocalEngine
from daisy_kernel.compute import lease as lease_module
from daisy_kernel.demo import tomography as demo


def square(number: int) -> int:
    return number * number


def fail(number: int) -> int:
    raise errors.FileDamaged("scan.h5", f"block {number}")


@pytest.fixture(scope="module")
def client() -> Any:
    from distributed import Client

    with Client(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as found:
        yield found


@pytest.mark.parametrize("name", ["local", "dask"])
def test_every_item_is_done_once(name: str, client: Any) -> None:
    engine = LocalEngine() if name == "local" else DaskEngine(client)

    found = dict(engine.map(square, range(20)))

    assert found == {i: i * i for i in range(20)}


@pytest.mark.parametrize("name", ["local", "dask"])
def test_error_of_a_worker_arrives_whole(name: str, client: Any) -> None:
    engine = LocalEngine() if name == "local" else DaskEngine(client)

    with pytest.raises(errors.FileDamaged, match=r"scan\.h5: block"):
        list(engine.map(fail, range(3)))


def test_volume_is_the_same_on_a_cluster(tmp_path: Path, client: Any) -> None:
    setup = demo.Setup(46, 16, 96, 45.2, flats=3, darks=3)
    demo.write_nxtomo(tmp_path / "scan.nxs", setup, 1, "small")
    tomo = tomography.load(tmp_path / "scan.nxs")
    volumes = [
        tomography.reconstruct(
            tomo, axis=45.2, engine=engine, progress=lambda done, total: None
        )
        for engine in (LocalEngine(), DaskEngine(client))
    ]

    assert np.allclose(volumes[0].data, volumes[1].data, atol=1e-4)


def test_blocks_travel_without_the_projections(tmp_path: Path) -> None:
    import pickle

    demo.write_nxtomo(tmp_path / "scan.nxs", demo.SMALL, 1, "small")
    tomo = tomography.load(tmp_path / "scan.nxs")

    assert len(pickle.dumps(tomo)) < 10_000


def test_no_gateway_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import dask

    monkeypatch.delenv("DASK_GATEWAY__ADDRESS", raising=False)
    with (
        dask.config.set({"gateway.address": None}),
        pytest.raises(errors.EngineUnavailable, match=r"engine\('local'\)"),
    ):
        daisy.engine("gateway")


def test_unreachable_gateway_says_so() -> None:
    import dask

    settings = {"gateway.address": "http://127.0.0.1:9", "gateway.auth.type": "basic"}
    with dask.config.set(settings), pytest.raises(errors.EngineUnavailable):
        daisy.engine("gateway")


def test_unknown_engine_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="local, gateway"):
        daisy.engine("cloud")


def run_lease(seconds: float, stay: float, monkeypatch: pytest.MonkeyPatch) -> float:
    """Keep a client for some time on a leased scheduler; give its whole life."""
    from distributed import Client, Scheduler

    monkeypatch.setenv("DAISY_LEASE_SECONDS", str(seconds))
    monkeypatch.delenv("DASK_GATEWAY_CLUSTER_NAME", raising=False)

    async def live() -> float:
        start = time.monotonic()
        async with Scheduler(
            host="127.0.0.1",
            port=0,
            dashboard_address=None,
            preload=["daisy_kernel.compute.lease"],
        ) as scheduler:
            if stay:
                async with Client(scheduler.address, asynchronous=True):
                    await asyncio.sleep(stay)
                    assert scheduler.status.name == "running"
            await asyncio.wait_for(scheduler.finished(), 20)
        return time.monotonic() - start

    return asyncio.run(live())


def test_scheduler_without_a_client_ends_after_its_lease(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert 0.3 <= run_lease(0.3, 0, monkeypatch) < 10


def test_client_keeps_the_lease_and_its_going_starts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run_lease(0.3, 1.2, monkeypatch) >= 1.4


def test_lease_ends_the_cluster_through_the_gateway(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    class Gateway:
        async def shutdown(self) -> None:
            asked.append("shutdown")

    class Scheduler:
        clients = {"fire-and-forget": 1, "Client-worker-1": 2}  # noqa: RUF012

        async def close(self, reason: str) -> None:
            asked.append(reason)

    import dask_gateway.scheduler_preload as preload

    monkeypatch.setenv("DASK_GATEWAY_CLUSTER_NAME", "abc")
    monkeypatch.setattr(preload, "make_gateway_client", Gateway)
    asyncio.run(asyncio.wait_for(lease_module.watch(Scheduler(), 0.1), 10))

    assert asked == ["shutdown"]


def test_lease_closes_the_scheduler_if_the_gateway_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    class Scheduler:
        clients: dict[str, int] = {}  # noqa: RUF012

        async def close(self, reason: str) -> None:
            asked.append(reason)

    import dask_gateway.scheduler_preload as preload

    def broken() -> None:
        raise OSError("no answer")

    monkeypatch.setenv("DASK_GATEWAY_CLUSTER_NAME", "abc")
    monkeypatch.setattr(preload, "make_gateway_client", broken)
    asyncio.run(lease_module.end(Scheduler()))

    assert asked == ["daisy-lease"]

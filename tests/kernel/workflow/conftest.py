"""Small blocks, so that small data have many; and engines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from beamtimes import write_scan
from flows import set_block_bytes

from daisy_kernel.compute import DaskEngine, Engine


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut as if a few kilobytes were much."""
    set_block_bytes(monkeypatch, 4096, 1024)


@pytest.fixture(scope="session")
def dask_client() -> Iterator[Any]:
    from distributed import Client

    with Client(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as client:
        yield client


@pytest.fixture
def dask_engine(dask_client: Any) -> Engine:
    return DaskEngine(dask_client)


@pytest.fixture
def beamtime(tmp_path: Path) -> Path:
    """A proposal with one scan."""
    raw = tmp_path / "B7" / "2026-0042" / "raw"
    raw.mkdir(parents=True)
    (raw.parent / "processed").mkdir()
    write_scan(raw / "tooth.nxs")
    return raw.parent

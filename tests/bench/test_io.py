"""The bodies of the benchmark, small and untimed: all give the same numbers."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from bench.io import cases, data, report


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("bench")
    data.make(folder, data.SMALL)
    yield folder
    for cached in (
        cases.scan,
        cases.plain,
        cases.tiff,
        cases.chunk_places,
        cases.to_write,
    ):
        cached.cache_clear()


@pytest.mark.parametrize("case", cases.cases(), ids=lambda case: case.name)
def test_ours_and_the_peers_read_the_same(case: cases.Case, folder: Path) -> None:
    if case.before:
        case.before(folder, data.SMALL)
    cases.calls.start_over()
    expected = np.copy(case.ours(folder, data.SMALL))

    for name, body in case.rivals.items():
        cases.calls.start_over()
        if name == "pread":  # stored bytes, not numbers
            body(folder, data.SMALL)
            continue
        if name == "hidefix":
            pytest.importorskip("hidefix")
        assert np.array_equal(body(folder, data.SMALL), expected), name


def test_what_is_written_is_what_was_read(folder: Path) -> None:
    expected = cases.to_write(folder, data.SMALL)
    for case in cases.cases():
        if case.name.startswith("write"):
            case.ours(folder, data.SMALL)
            with h5py.File(folder / "written by daisy.h5") as file:
                found = [v for v in _datasets(file) if v.shape == expected.shape]
                assert np.array_equal(found[0][...], expected)


def _datasets(file: h5py.File) -> list[h5py.Dataset]:
    found: list[h5py.Dataset] = []
    file.visititems(
        lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None
    )
    return found


def test_disk_without_room_is_found_before_anything_is_written(tmp_path: Path) -> None:
    huge = data.Size(frames=1 << 30, tiffs=1, rows=2048, columns=2048, tile=256)

    with pytest.raises(data.NoRoom, match="are free"):
        data.make(tmp_path / "bench", huge)

    assert not list((tmp_path / "bench").iterdir())


def test_part_says_what_was_missed() -> None:
    row = {
        "name": "sinogram", "asked": 500.0, "best": "h5py", "ratio": 400.0,
        "cpu_ratio": 300.0, "ours": {"wall": 0.001, "cpu": 0.001},
        "rivals": {"h5py": {"wall": 0.4, "cpu": 0.4}},
    }  # fmt: skip
    machine = {"processor": "x", "cpus": 2, "memory_gb": 24.0, "load": 0.1,
               "versions": {}}  # fmt: skip

    part = report.part({"machine": machine, "limits": {}, "cases": [row]})

    assert "| sinogram | 500x | 400x (missed) |" in part

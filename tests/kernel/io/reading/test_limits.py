"""What this process may use, by the control groups it is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from daisy_kernel.io.reading import limits
from daisy_kernel.io.reading.limits import (
    available_memory,
    free_memory,
    is_beyond_memory,
    processor_limits,
)


def group(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(f"{text}\n")
    return folder


def test_processor_limits_of_all_control_groups_count(tmp_path: Path) -> None:
    group(tmp_path / "slurm" / "job_7", cpu_max="max 100000")
    group(tmp_path / "slurm", cpu_max="250000 100000")

    assert list(processor_limits("/slurm/job_7", tmp_path)) == [2.5]
    assert list(processor_limits("/../elsewhere", tmp_path)) == []


def test_memory_that_is_left_counts_cached_pages_as_free(tmp_path: Path) -> None:
    stat = "anon 10\ninactive_file 300\nactive_file 7"
    group(tmp_path / "a" / "b", memory_max="max", memory_current="5", memory_stat=stat)
    group(tmp_path / "a", memory_max="1000", memory_current="900", memory_stat=stat)

    assert list(free_memory("/a/b", tmp_path)) == [400]


def test_this_process_may_use_some_memory_and_not_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert 1 << 20 < available_memory() < 1 << 50

    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable: 1048576 kB\n")
    monkeypatch.setattr(limits, "_MEMORY", tmp_path / "meminfo")
    assert is_beyond_memory(600 << 20)
    assert not is_beyond_memory(500 << 20)
    assert not is_beyond_memory(1 << 20)

"""The `daisy` command: what it prints, and its exit status."""

from __future__ import annotations

import os
import time
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
import pytest

from daisy_kernel.cli import main
from daisy_kernel.io.hdf5 import chunks


@pytest.fixture(autouse=True)
def small_files_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(chunks, "WORTH_KEEPING", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        packed = hdf5plugin.Bitshuffle(cname="zstd")
        file.create_dataset("a/data", data=np.zeros((2, 90)), chunks=(1, 90), **packed)
        file["b"] = [1, 2, 3]
    os.utime(path, (time.time() - 60,) * 2)
    return path


def test_index_says_where_each_index_is(
    scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", str(scan)]) == 0

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{scan}: a/data: ")
    assert ".npz" in line
    assert line.endswith(" s)")


def test_index_fails_for_a_file_that_is_none(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", str(tmp_path / "absent.h5"), str(scan)]) == 1

    printed = capsys.readouterr()
    assert "absent.h5" in printed.err
    assert "a/data" in printed.out


def test_index_wants_a_path(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["index"])

    assert "PATH" in capsys.readouterr().err

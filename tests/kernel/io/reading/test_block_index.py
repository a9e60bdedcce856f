"""Block indexes are kept where all may use them, and used only where they belong."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel.io.hdf5 import chunks
from daisy_kernel.io.hdf5.chunks import stored
from daisy_kernel.io.indexing import Indexed, index
from daisy_kernel.native import read_parts_into

SHAPE = (4, 200, 512)
ROW = [(0, 4, 1), (17, 1, 1), (0, 512, 1)]
WHOLE_CHUNKS = 100_000  # a row is far less, all chunks are more


@pytest.fixture(autouse=True)
def small_files_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(chunks, "WORTH_KEEPING", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def proposal(tmp_path: Path) -> Path:
    """Make a proposal with raw and processed."""
    folder = tmp_path / "proposal"
    (folder / "raw").mkdir(parents=True)
    (folder / "processed").mkdir()
    (folder / "processed").chmod(0o2770)
    return folder


def frames(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(60, SHAPE).astype("u2")


def write(path: Path, values: np.ndarray) -> Path:
    """Write a file that has settled: its time of change is a minute ago."""
    with h5py.File(path, "w") as file:
        options = hdf5plugin.Bitshuffle(cname="lz4")
        file.create_dataset("data", data=values, chunks=(1, *SHAPE[1:]), **options)
    settle(path)
    return path


def settle(path: Path, ago: float = 60) -> None:
    os.utime(path, (time.time() - ago,) * 2)


def row_bytes(path: Path, values: np.ndarray) -> int:
    """Read a row of each frame as a new session does; give the bytes read."""
    with h5py.File(path, "r") as file:
        table = stored(file["data"], path).table
    assert table is not None
    out = np.empty((4, 1, 512), "u2")
    read, _ = read_parts_into([(table, ROW, out)])
    np.testing.assert_array_equal(out, values[:, 17:18])
    return read


def only(found: Iterator[Indexed]) -> Indexed:
    (one,) = found
    return one


def test_an_index_is_kept_in_the_proposal_and_used(proposal: Path) -> None:
    values = frames()
    path = write(proposal / "raw" / "scan.h5", values)
    assert row_bytes(path, values) > WHOLE_CHUNKS

    found = only(index([path]))

    folder = proposal / "processed" / ".daisy" / "blocks"
    assert found.kept is not None
    assert found.kept.parent == folder
    assert [p.name for p in (proposal / "raw").iterdir()] == ["scan.h5"]
    assert folder.stat().st_mode & 0o7777 == 0o2770
    assert folder.parent.stat().st_mode & 0o7777 == 0o2770
    assert row_bytes(path, values) < WHOLE_CHUNKS // 2


def test_another_process_reads_only_kilobytes(proposal: Path) -> None:
    path = write(proposal / "raw" / "scan.h5", frames())
    only(index([path]))
    script = (
        "import sys, daisy_kernel as daisy\n"
        "from daisy_kernel.io.hdf5 import chunks\n"
        "chunks.WORTH_KEEPING = 0\n"
        "with daisy.open(sys.argv[1]) as scan:\n"
        "    print(scan['data'].explain((slice(None), 17)))\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "known for 4 of 4 chunk(s), so only blocks are read" in ran.stdout


def test_without_a_proposal_the_index_is_in_the_users_cache(tmp_path: Path) -> None:
    values = frames()
    path = write(tmp_path / "scan.h5", values)

    found = only(index([path]))

    assert found.kept is not None
    assert tmp_path / "cache" in found.kept.parents
    assert row_bytes(path, values) < WHOLE_CHUNKS


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_proposal_leaves_the_users_cache(proposal: Path) -> None:
    path = write(proposal / "raw" / "scan.h5", frames())
    (proposal / "processed").chmod(0o550)

    found = only(index([path]))

    assert found.kept is not None
    assert "cache" in found.kept.parts


def test_where_the_proposal_takes_no_index_the_users_cache_does(proposal: Path) -> None:
    values = frames()
    path = write(proposal / "raw" / "scan.h5", values)
    (proposal / "processed" / ".daisy").write_text("in the way, also for root")

    found = only(index([path]))

    assert found.kept is not None
    assert "cache" in found.kept.parts
    assert row_bytes(path, values) < WHOLE_CHUNKS


def test_where_no_folder_can_be_made_the_user_is_told(
    proposal: Path, tmp_path: Path
) -> None:
    path = write(proposal / "raw" / "scan.h5", frames())
    (proposal / "processed" / ".daisy").write_text("in the way")
    (tmp_path / "cache").write_text("in the way")

    found = only(index([path]))

    assert found.failed
    assert "cannot be written" in found.why


def test_a_full_read_leaves_the_index_behind(proposal: Path) -> None:
    values = frames()
    path = write(proposal / "raw" / "scan.h5", values)

    with daisy.open(path) as scan:
        scan["data"].read()

    assert row_bytes(path, values) < WHOLE_CHUNKS


def test_a_second_run_finds_the_index_there(proposal: Path) -> None:
    path = write(proposal / "raw" / "scan.h5", frames())
    first = only(index([path]))

    again = only(index([path]))

    assert again.kept == first.kept
    assert "was there" in str(again)


def test_other_names_of_a_dataset_share_its_index(proposal: Path) -> None:
    path = write(proposal / "raw" / "scan.h5", frames())
    with h5py.File(path, "a") as file:
        file["entry/also"] = file["data"]
    settle(path)
    only(index([path]))

    with daisy.open(path) as scan:
        assert "4 of 4" in scan["data"].explain()
        assert "4 of 4" in scan["entry/also"].explain()


def test_a_file_that_was_rewritten_gets_no_old_index(proposal: Path) -> None:
    path = write(proposal / "raw" / "scan.h5", frames())
    only(index([path]))
    other = frames(1)
    write(path, other)
    settle(path, 30)

    assert row_bytes(path, other) > WHOLE_CHUNKS


def test_a_file_in_the_place_of_another_gets_no_old_index(proposal: Path) -> None:
    path = write(proposal / "raw" / "scan.h5", frames())
    only(index([path]))
    time_of_change = path.stat().st_mtime_ns
    other = frames(1)
    new = write(proposal / "raw" / "new.h5", other)
    os.utime(new, ns=(time_of_change, time_of_change))
    new.replace(path)

    assert row_bytes(path, other) > WHOLE_CHUNKS


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "swapped", "other"])
def test_a_broken_index_does_no_harm(proposal: Path, damage: str) -> None:
    values = frames()
    path = write(proposal / "raw" / "scan.h5", values)
    kept = only(index([path])).kept
    assert kept is not None
    whole = kept.read_bytes()
    if damage == "other":
        with np.load(kept) as columns:
            found = dict(columns)
        found["table"] = found["table"][::-1].copy()
        np.savez(kept, **found)
    elif damage == "swapped":
        with np.load(kept) as columns:
            found = dict(columns)
        found["starts"] = found["starts"][::-1].copy()
        np.savez(kept, **found)
    else:
        broken = {"cut": whole[: len(whole) // 2], "garbage": b"PK\3\4" * 99}
        kept.write_bytes(broken.get(damage, b""))

    assert row_bytes(path, values) > WHOLE_CHUNKS


def test_an_index_that_lies_about_blocks_is_found_out(proposal: Path) -> None:
    values = frames()
    path = write(proposal / "raw" / "scan.h5", values)
    kept = only(index([path])).kept
    assert kept is not None
    with np.load(kept) as columns:
        found = dict(columns)
    found["starts"][1:-1] += 1
    np.savez(kept, **found)

    row_bytes(path, values)


def test_two_writers_at_once_leave_one_whole_index(proposal: Path) -> None:
    values = frames()
    path = write(proposal / "raw" / "scan.h5", values)
    with h5py.File(path, "r") as file:
        all_found = [stored(file["data"], path) for _ in range(8)]
    for one in all_found:
        assert one.table is not None
        one.table.build_index()

    threads = [threading.Thread(target=one.blocks.keep) for one in all_found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    folder = proposal / "processed" / ".daisy" / "blocks"
    assert len(list(folder.iterdir())) == 1
    assert row_bytes(path, values) < WHOLE_CHUNKS


def test_a_file_that_has_just_changed_is_not_indexed(proposal: Path) -> None:
    path = write(proposal / "raw" / "scan.h5", frames())
    path.touch()

    found = only(index([path]))

    assert found.failed
    assert "may still be written" in found.why
    assert not (proposal / "processed" / ".daisy").exists()


def test_small_files_have_no_index(
    proposal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    path = write(proposal / "raw" / "scan.h5", frames())

    found = only(index([path]))

    assert not found.failed
    assert "less than 16.0 MiB" in str(found)


def test_folders_are_searched_and_bad_files_named(proposal: Path) -> None:
    raw = proposal / "raw"
    (raw / "run1").mkdir()
    (raw / "loop").symlink_to(raw)
    write(raw / "run1" / "scan.h5", frames())
    (raw / "notes.txt").write_text("no scan")
    (raw / "cut.h5").write_bytes((raw / "run1" / "scan.h5").read_bytes()[:5000])
    with h5py.File(raw / "plain.h5", "w") as file:
        file["data"] = np.zeros(3)
        file["out"] = h5py.ExternalLink("run1/scan.h5", "data")

    cut, plain, scan = index([raw])

    assert cut.failed
    assert "cut.h5" in cut.where
    assert not plain.failed
    assert "packed by bitshuffle" in plain.why
    assert scan.kept is not None

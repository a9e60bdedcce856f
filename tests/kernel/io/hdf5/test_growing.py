"""Files that another process is writing: followed without a lost or torn frame."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors

FRAMES = 150

# every value of frame i is i + 1, so that a torn frame cannot look whole
WRITER = """
import sys, time
import h5py, hdf5plugin, numpy as np
path, mode, packing, count, pause = sys.argv[1:]
options = {"none": {}, "gzip": {"compression": "gzip", "shuffle": True},
           "bslz4": hdf5plugin.Bitshuffle(cname="lz4"),
           "gzip in slabs": {"compression": "gzip"}}[packing]
depth = 16 if "slabs" in packing else 1
libver = "earliest" if mode == "plain" else "latest"
file = h5py.File(path, "w", libver=libver, locking=False)
data = file.create_dataset("d", (0, 64, 100), "<u2", maxshape=(None, 64, 100),
                           chunks=(depth, 64, 100), **options)
file.flush()
if mode == "swmr":
    file.swmr_mode = True
print("ready", flush=True)
sys.stdin.readline()
for i in range(int(count)):
    data.resize(i + 1, axis=0)
    data[i] = i + 1
    data.flush() if mode == "swmr" else file.flush()
    time.sleep(float(pause))
print("done", flush=True)
sys.stdin.read()
file.close()
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    started: list[subprocess.Popen[str]] = []

    def run(mode: str, packing: str, count: int = FRAMES, go: bool = True) -> Path:
        path = tmp_path / "scan.h5"
        arguments = [str(path), mode, packing, str(count), "0.004"]
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(writer)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        run.writer = writer  # type: ignore[attr-defined]
        if go:
            go_on(writer)
        return path

    yield run
    for writer in started:
        writer.kill()
        writer.communicate()


def wait_for(data: Any, frames: int) -> None:
    end = time.monotonic() + 30
    while data.refresh() < frames:
        assert time.monotonic() < end, f"only {data.written} frames in half a minute"
        time.sleep(0.005)


def go_on(writer: subprocess.Popen[str]) -> None:
    assert writer.stdin is not None
    writer.stdin.write("go\n")
    writer.stdin.flush()


def follow(path: Path, writer: subprocess.Popen[str]) -> list[int]:
    """Read each frame as soon as it is there; give how many were there each time."""
    seen: list[int] = []
    end = time.monotonic() + 30
    with daisy.open(path) as scan:
        data = scan["d"]
        assert isinstance(data, daisy.Dataset)
        assert data.written == 0
        go_on(writer)
        while (seen[-1] if seen else 0) < FRAMES:
            assert time.monotonic() < end, f"only {seen[-1:]} frames in half a minute"
            before, written = seen[-1] if seen else 0, data.refresh()
            assert written >= before
            if written == before:
                time.sleep(0.002)
                continue
            got = data[before:written]
            expected = np.arange(before, written) + 1
            assert (got == expected[:, None, None]).all(), "a torn or lost frame"
            assert (data[:written, 5] == np.arange(1, written + 1)[:, None]).all()
            seen.append(written)
    return seen


@pytest.mark.parametrize("packing", ["none", "gzip", "bslz4", "gzip in slabs"])
@pytest.mark.parametrize("mode", ["swmr", "plain"])
def test_a_writer_is_followed_frame_by_frame(
    start: Any, mode: str, packing: str
) -> None:
    path = start(mode, packing, go=False)

    seen = follow(path, start.writer)

    assert seen[-1] == FRAMES
    assert len(seen) > 1, "it was followed, not only read at the end"


@pytest.mark.parametrize("mode", ["swmr", "plain"])
def test_reading_does_not_disturb_the_writer(start: Any, mode: str) -> None:
    path = start(mode, "gzip", 30)

    with daisy.open(path) as scan:
        wait_for(scan["d"], 30)
        out, _ = start.writer.communicate("", timeout=30)

    assert out == "done\n"
    with h5py.File(path) as file:  # closed as it should be, and not locked
        assert file["d"].shape == (30, 64, 100)


def test_what_is_not_written_yet_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("d", (10, 4, 6), "u1", chunks=(1, 4, 6))
        data[:3] = 1
        tiles = file.create_dataset("tiles", (10, 4, 6), "u1", chunks=(1, 4, 3))
        tiles[:2], tiles[2, :, :3] = 1, 1

    with daisy.open(path) as scan:
        assert scan["d"].written == 3
        assert scan["d"].shape == (10, 4, 6)
        assert scan["tiles"].written == 2


def test_other_datasets_of_the_scan_see_the_news_too(start: Any) -> None:
    path = start("plain", "none", 20)

    with daisy.open(path) as scan:
        root, early = scan.root, scan["d"]
        wait_for(scan["d"], 20)
        assert early.refresh() == 20
        assert root["d"].shape == (20, 64, 100)
        assert [child.name for child in root.children()] == ["d"]


def test_file_of_a_killed_swmr_writer_can_still_be_read(start: Any) -> None:
    path = start("swmr", "gzip", 500)
    with daisy.open(path) as scan:
        wait_for(scan["d"], 10)
    os.kill(start.writer.pid, signal.SIGKILL)
    start.writer.wait()

    with daisy.open(path) as scan:
        written = scan["d"].written
        got = scan["d"][:written]

    assert written >= 10
    assert (got == (np.arange(written) + 1)[:, None, None]).all()


def test_file_of_a_killed_latest_writer_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "scan.h5"
    program = (
        "import h5py, os, sys\n"
        f"file = h5py.File({str(path)!r}, 'w', libver='latest')\n"
        "file['d'] = [1, 2]; file.flush(); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)

    with pytest.raises(errors.FileDamaged, match="h5clear -s"):
        daisy.open(path)


def test_folder_of_frames_grows(tmp_path: Path) -> None:
    import tifffile

    for i in range(3):
        tifffile.imwrite(tmp_path / f"f_{i}.tif", np.full((8, 9), i, "u2"))

    with daisy.open(tmp_path) as scan:
        data = scan.signal
        assert data is not None
        assert data.shape == (3, 8, 9)
        tifffile.imwrite(tmp_path / "f_3.tif", np.full((8, 9), 3, "u2"))
        whole = (tmp_path / "f_3.tif").read_bytes()
        (tmp_path / "f_4.tif").write_bytes(whole[: len(whole) // 2])
        assert data.refresh() == 4  # the fifth is only half there
        assert data.shape == (5, 8, 9)
        assert (data[3] == 3).all()

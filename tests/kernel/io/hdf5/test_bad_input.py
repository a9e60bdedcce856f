"""Files that lie, end too early, change or vanish: named, and never passed as whole."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors

FILTERS: dict[str, dict[str, Any]] = {
    "gzip": {"compression": "gzip"},
    "gzip, shuffle": {"compression": "gzip", "shuffle": True},
    "lzf": {"compression": "lzf"},
    "bslz4": hdf5plugin.Bitshuffle(cname="lz4"),
    "bszstd": hdf5plugin.Bitshuffle(cname="zstd"),
    "zstd": hdf5plugin.Zstd(),
    "lz4": hdf5plugin.LZ4(nbytes=4096),
    "none": {},
}


@pytest.fixture
def frames() -> np.ndarray:
    return np.random.default_rng(0).poisson(80, (6, 64, 100)).astype("<u2")


def write(path: Path, frames: np.ndarray, **options: Any) -> list[tuple[int, int]]:
    """Write a frame per chunk; give the place of each."""
    with h5py.File(path, "w") as file:
        data = file.create_dataset("e/d", data=frames, chunks=(1, 64, 100), **options)
        found = [data.id.get_chunk_info(i) for i in range(len(frames))]
    return [(info.byte_offset, info.size) for info in found]


def patch(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def refused(path: Path, index: Any = ()) -> str:
    """Read, and give the error's text."""
    with daisy.open(path) as scan, pytest.raises(errors.FileDamaged) as raised:
        scan["e/d"].read(index)
    return str(raised.value)


@pytest.mark.parametrize("name", [n for n in FILTERS if n != "none"])
def test_overwritten_chunk_is_named(
    tmp_path: Path, frames: np.ndarray, name: str
) -> None:
    path = tmp_path / "scan.h5"
    offset, size = write(path, frames, **FILTERS[name])[4]
    patch(path, offset, b"\xff" * size)

    assert "scan.h5: e/d: chunk at (4, 0, 0) cannot be read" in refused(path)
    assert "chunk at (4, 0, 0)" in refused(path, np.s_[:, 7])
    with daisy.open(path) as scan:  # the others are as good as before
        assert np.array_equal(scan["e/d"][:4], frames[:4])


@pytest.mark.parametrize("name", ["gzip", "gzip, shuffle", "bslz4", "none"])
def test_one_flipped_bit_under_a_checksum_is_found(
    tmp_path: Path, frames: np.ndarray, name: str
) -> None:
    path = tmp_path / "scan.h5"
    offset, size = write(path, frames, **FILTERS[name], fletcher32=True)[2]
    at = offset + size // 2
    patch(path, at, bytes([path.read_bytes()[at] ^ 1]))

    assert "chunk at (2, 0, 0)" in refused(path)
    assert "chunk at (2, 0, 0)" in refused(path, np.s_[:, 3])


@pytest.mark.parametrize("name", FILTERS)
def test_file_that_ends_in_a_chunk_is_named(
    tmp_path: Path, frames: np.ndarray, name: str
) -> None:
    path = tmp_path / "scan.h5"
    offset, size = write(path, frames, **FILTERS[name])[5]
    with daisy.open(path) as scan:
        os.truncate(path, offset + size // 2)  # as a copy that was broken off
        with pytest.raises(errors.FileDamaged, match="ends too early") as raised:
            scan["e/d"][:, -1]
        assert "chunk at (5, 0, 0)" in str(raised.value)
        assert "still being written" in str(raised.value)


LIES = {
    "total": (0, struct.pack(">Q", 12_801)),
    "huge total": (0, struct.pack(">Q", 1 << 62)),
    "block size 0": (8, struct.pack(">I", 0)),
    "odd block size": (8, struct.pack(">I", 8193)),
    "huge block size": (8, struct.pack(">I", 0xFFFFFFF0)),
    "length past the end": (12, struct.pack(">I", 1 << 30)),
    "huge length": (12, struct.pack(">I", 0xFFFFFFFF)),
    "length 0": (12, struct.pack(">I", 0)),
    "length too small": (12, struct.pack(">I", 9)),
}


@pytest.mark.parametrize("name", ["bslz4", "bszstd"])
@pytest.mark.parametrize("lie", LIES)
def test_lying_block_lengths_are_refused(
    tmp_path: Path, frames: np.ndarray, name: str, lie: str
) -> None:
    path = tmp_path / "scan.h5"
    offset, _ = write(path, frames, **FILTERS[name])[1]
    at, content = LIES[lie]
    patch(path, offset + at, content)

    assert "chunk at (1, 0, 0)" in refused(path)
    assert "chunk at (1, 0, 0)" in refused(path, np.s_[:, 0, :4])


def test_chunk_that_inflates_to_more_than_a_chunk_is_refused(
    tmp_path: Path, frames: np.ndarray
) -> None:
    import zlib

    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset(
            "e/d", frames.shape, "<u2", chunks=(1, 64, 100), compression="gzip"
        )
        bomb = zlib.compress(bytes(50_000_000))
        data.id.write_direct_chunk((3, 0, 0), bomb)
        data.id.write_direct_chunk((2, 0, 0), zlib.compress(bytes(100)))

    assert "chunk at (3, 0, 0)" in refused(path, 3)
    assert "chunk at (2, 0, 0)" in refused(path, 2)


def test_index_that_no_longer_fits_is_found_out_and_forgotten(
    tmp_path: Path, frames: np.ndarray
) -> None:
    path = tmp_path / "scan.h5"
    places = write(path, frames, **FILTERS["bslz4"])
    with daisy.open(path) as scan:
        data = scan["e/d"]
        assert np.array_equal(data[()], frames)  # now all blocks are known
        # another frame of the same stored size, in its place
        changed = frames[::-1].copy()
        other = tmp_path / "other.h5"
        write(other, changed, **FILTERS["bslz4"])
        with h5py.File(other) as file:
            for i, (offset, size) in enumerate(places):
                _, chunk = file["e/d"].id.read_direct_chunk((i, 0, 0))
                if len(chunk) <= size:
                    patch(path, offset, chunk)
        for row in (0, 40, 63):
            try:
                got = data[:, row]
            except errors.FileDamaged:
                continue
            for i, values in enumerate(got):
                assert np.array_equal(values, frames[i, row]) or np.array_equal(
                    values, changed[i, row]
                )


def test_vanished_file_is_called_gone(tmp_path: Path, frames: np.ndarray) -> None:
    path = tmp_path / "scan.h5"
    write(path, frames)

    with daisy.open(path) as scan:
        path.unlink()
        with pytest.raises(errors.FileMissing, match="is gone"):
            scan["e/d"][()]


def test_file_that_another_one_replaced_has_to_be_opened_again(
    tmp_path: Path, frames: np.ndarray
) -> None:
    path = tmp_path / "scan.h5"
    write(path, frames)

    with daisy.open(path) as scan:
        assert np.array_equal(scan["e/d"][0], frames[0])
        write(tmp_path / "new.h5", frames + 1)
        (tmp_path / "new.h5").rename(path)
        with pytest.raises(errors.FileDamaged, match="Open the scan again"):
            scan["e/d"][0]
        scan.refresh()
        assert np.array_equal(scan["e/d"][0], frames[0] + 1)


def test_file_of_somebody_else_is_refused(tmp_path: Path, frames: np.ndarray) -> None:
    path = tmp_path / "scan.h5"
    write(path, frames)
    tmp_path.chmod(0o755)
    program = f"""
import os, sys
os.umask(0)
import daisy_kernel as daisy
scan = daisy.open({str(path)!r})
if os.getuid() == 0:
    os.chmod({str(path)!r}, 0o600)
    os.setegid(65534); os.seteuid(65534)
else:
    os.chmod({str(path)!r}, 0)
try:
    scan["e/d"][()]
except daisy.errors.FileMissing as error:
    print(error)
"""
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "permission denied" in said.stdout


def test_file_that_shrinks_while_it_is_read_is_an_error_or_right(
    tmp_path: Path,
) -> None:
    frames = np.random.default_rng(1).poisson(80, (400, 64, 100)).astype("<u2")
    path = tmp_path / "scan.h5"
    offset, _ = write(path, frames, **FILTERS["bslz4"])[-1]
    out = np.zeros_like(frames)
    with daisy.open(path) as scan:
        data = scan["e/d"]
        cutter = threading.Thread(target=os.truncate, args=(path, offset // 2))
        cutter.start()
        failures: list[str] = []
        try:
            data.read(out=out)
        except errors.FileDamaged as error:
            failures.append(str(error))
        whole = np.array_equal(out, frames)
        assert whole if not failures else "ends too early" in failures[0]
        cutter.join()
        with pytest.raises(errors.FileDamaged):
            data.read(out=out)


def test_errors_of_the_core_come_back_from_a_worker(
    tmp_path: Path, frames: np.ndarray
) -> None:
    import pickle

    path = tmp_path / "scan.h5"
    offset, size = write(path, frames, compression="gzip")[0]
    patch(path, offset, b"\xff" * size)
    with daisy.open(path) as scan, pytest.raises(errors.FileDamaged) as raised:
        scan["e/d"][()]

    again = pickle.loads(pickle.dumps(raised.value))

    assert str(again) == str(raised.value)


def test_no_descriptor_stays_open_after_errors(
    tmp_path: Path, frames: np.ndarray
) -> None:
    path = tmp_path / "scan.h5"
    offset, size = write(path, frames, compression="gzip")[0]
    patch(path, offset, b"\xff" * size)
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(20):
        refused(path)

    assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_reading_goes_on_in_a_child_after_a_fork(
    tmp_path: Path, frames: np.ndarray
) -> None:
    path = tmp_path / "scan.h5"
    write(path, np.repeat(frames, 8, axis=0)[:6], compression="gzip")
    program = f"""
import os, sys
import numpy as np
import daisy_kernel as daisy
scan = daisy.open({str(path)!r})
first = scan["e/d"][()]
big = np.repeat(first, 1, axis=0)
child = os.fork()
if not child:
    os._exit(0 if np.array_equal(scan["e/d"][()], first) else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert said.stdout.strip() == "0"


def test_interrupt_ends_a_long_read(tmp_path: Path) -> None:
    path = tmp_path / "scan.h5"
    program = f"""
import _thread, signal, threading, time
import h5py, numpy as np
import daisy_kernel as daisy
noise = np.random.default_rng(0).integers(0, 1 << 16, (40, 1024, 1024), np.uint16)
with h5py.File({str(path)!r}, "w") as file:
    file.create_dataset("d", data=noise, chunks=(1, 1024, 1024), compression="gzip",
                        compression_opts=1)
scan = daisy.open({str(path)!r})
data = scan["d"]
out = np.zeros(data.shape, data.dtype)
data.read(out=out)
# a shell that starts jobs in the background has them ignore interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Timer(0.1, _thread.interrupt_main).start()
start = time.monotonic()
try:
    while True:
        data.read(out=out)
except KeyboardInterrupt:
    print("interrupted", bool((data[3] == noise[3]).all()))
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, timeout=100,
    )  # fmt: skip

    assert said.stdout.split() == ["interrupted", "True"]

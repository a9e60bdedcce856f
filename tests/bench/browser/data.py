"""The files that are opened: diffraction rings with photon noise and hot pixels."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np

RAW = Path("data", "B7", "2026-0001", "raw")
SIGNAL = "entry/data/data"
GROUP = "many"
HOT = 1e-5
_SEED = 0


@dataclass(frozen=True)
class Size:
    """How large the files are.

    Attributes
    ----------
    names
        So many names has each file of frames: one that was opened under another name
        is in no cache of a browser.
    """

    frames: int
    side: int
    large: int
    larger: int
    members: int
    names: int
    scans: int  # in the index that is searched

    @property
    def bytes(self) -> int:
        """All files together, about."""
        return int(
            1.2 * (self.frames * self.side**2 + self.large**2 + self.larger**2)
            + 400 * self.members
            + 1300 * self.scans
        )


FULL = Size(
    frames=1000,
    side=1024,
    large=4096,
    larger=8192,
    members=100_000,
    names=10,  # two for each round
    scans=1_000_000,
)
# as many frames as rows would hide a cut along the wrong axis
SMALL = Size(
    frames=48, side=192, large=512, larger=1024, members=1200, names=3, scans=3000
)


class NoRoom(Exception):
    """The disk is too small for the files."""


def name(kind: str, number: int) -> str:
    """Give the file name of a kind: bslz4, large or larger."""
    return f"{kind}_{number}.h5"


def make(folder: Path, size: Size) -> None:
    """Write all files, unless they are there.

    Raises
    ------
    NoRoom
        Before anything is written.
    """
    done = folder / "done"
    if done.exists() and done.read_text() == repr(size):
        return
    shutil.rmtree(folder, ignore_errors=True)
    raw = folder / RAW
    raw.mkdir(parents=True)
    (raw.parent / "processed").mkdir()
    free = shutil.disk_usage(folder).free
    if free < 2 * size.bytes:
        raise NoRoom(
            f"{folder}: {2 * size.bytes / 1e9:.1f} GB are needed, "
            f"{free / 1e9:.1f} GB are free"
        )
    for kind, shape in (
        ("bslz4", (size.frames, size.side, size.side)),
        ("large", (size.large, size.large)),
        ("larger", (size.larger, size.larger)),
    ):
        _write(raw / name(kind, 0), shape)
        for number in range(1, size.names):
            os.link(raw / name(kind, 0), raw / name(kind, number))
    _write_group(raw / "group.h5", size.members)
    done.write_text(repr(size))


def frames(count: int, side: int) -> Iterator[np.ndarray]:
    """Give frames: rings that grow, photon noise, a few pixels that are stuck."""
    random = np.random.default_rng(_SEED)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(y, x).astype(np.float32)
    for number in range(count):
        mean = 1200 + 900 * np.cos(radius * (40 + 0.05 * number))
        noise = random.standard_normal((side, side), np.float32)
        frame = np.maximum(mean + np.sqrt(mean) * noise, 0).astype(np.uint16)
        hot = random.integers(side, size=(2, max(1, round(HOT * side**2))))
        frame[tuple(hot)] = 65535
        yield frame


def _write(path: Path, shape: tuple[int, ...]) -> None:
    """Write the frames as the default plot of a NeXus file, a chunk for each."""
    *leading, side, _ = shape
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data")
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        chunks = (*(1 for _ in leading), side, side)
        made = data.create_dataset(
            "data", shape, "u2", chunks=chunks, **hdf5plugin.Bitshuffle(cname="lz4")
        )
        for number, frame in enumerate(frames(leading[0] if leading else 1, side)):
            made[number if leading else ...] = frame


def _write_group(path: Path, members: int) -> None:
    with h5py.File(path, "w", libver="latest") as file:
        group = file.create_group(GROUP)
        for number in range(members):
            group[f"value_{number:06d}"] = float(number)

"""The files that are read: frames with photon noise, in every layout of the table."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import tifffile

LAYOUTS: dict[str, dict[str, Any]] = {
    "contiguous": {},
    "unfiltered": {"frames": True},
    "gzip": {"frames": True, "compression": "gzip", "shuffle": True},
    "bslz4": {"frames": True, **hdf5plugin.Bitshuffle(cname="lz4")},
    "bszstd": {"frames": True, **hdf5plugin.Bitshuffle(cname="zstd")},
    "tiles": {"compression": "gzip", "shuffle": True},
}
TIFFS = {"none": None, "deflate": "zlib", "lzw": "lzw", "zstd": "zstd"}


@dataclass(frozen=True)
class Size:
    """How large the files are."""

    frames: int
    tiffs: int
    rows: int
    columns: int
    tile: int

    @property
    def frame(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def bytes(self) -> int:
        """All files together, about."""
        each = self.rows * self.columns * 2
        return each * (self.frames * (len(LAYOUTS) + 2) + self.tiffs * len(TIFFS))


FULL = Size(frames=64, tiffs=32, rows=2048, columns=2048, tile=256)
SMALL = Size(frames=5, tiffs=4, rows=96, columns=128, tile=32)


class NoRoom(Exception):
    """The disk is too small for the files."""


def frames(size: Size) -> Iterator[np.ndarray]:
    """Give projections: an object in a beam, with the noise of its photons."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-1 : 1 : size.rows * 1j, -1 : 1 : size.columns * 1j]
    beam = 30_000 * np.exp(-(y**2 + 0.3 * x**2))
    for i in range(size.frames):
        at = 0.3 * np.sin(i)
        body = np.sqrt(np.maximum(0, 0.4 - (x - at) ** 2 - y**2))
        mean = beam * np.exp(-1.5 * body)
        noise = rng.standard_normal(size.frame, np.float32)
        yield np.clip(mean + np.sqrt(mean) * noise, 0, 65535).astype(np.uint16)


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
    folder.mkdir(parents=True)
    free = shutil.disk_usage(folder).free
    if free < 2 * size.bytes:
        raise NoRoom(
            f"{folder}: {2 * size.bytes / 1e9:.1f} GB are needed, "
            f"{free / 1e9:.1f} GB are free"
        )
    # hidefix gives up on a whole file where it does not know the filter of one dataset
    with (
        h5py.File(folder / "scan.h5", "w") as file,
        h5py.File(folder / "tiles.h5", "w") as apart,
    ):
        file["tiles"] = h5py.ExternalLink("tiles.h5", "tiles")
        homes = {name: apart if name == "tiles" else file for name in LAYOUTS}
        datasets = {name: _dataset(home, name, size) for name, home in homes.items()}
        for i, frame in enumerate(frames(size)):
            for dataset in datasets.values():
                dataset[i] = frame
            if i < size.tiffs:
                _tiffs(folder, i, frame)
    done.write_text(repr(size))


def _dataset(file: h5py.File, name: str, size: Size) -> h5py.Dataset:
    options = dict(LAYOUTS[name])
    shape = (size.frames, *size.frame)
    if options.pop("frames", False):
        options["chunks"] = (1, *size.frame)
    if name == "tiles":
        options["chunks"] = (1, size.tile, size.tile)
    return file.create_dataset(name, shape, np.uint16, **options)


def _tiffs(folder: Path, i: int, frame: np.ndarray) -> None:
    for name, compression in TIFFS.items():
        (folder / name).mkdir(exist_ok=True)
        path = folder / name / f"frame_{i:04d}.tif"
        tifffile.imwrite(path, frame, compression=compression)

"""A stack of bitshuffle-LZ4 frames with dark and flat, and a tomography scan."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
from bench.io import data as io_data

from daisy_kernel.demo import tomography as demo


@dataclass(frozen=True)
class Size:
    """How large the files are."""

    frames: int
    rows: int
    columns: int
    angles: int
    height: int
    width: int


FULL = Size(frames=256, rows=2048, columns=2048, angles=361, height=128, width=512)
SMALL = Size(frames=12, rows=64, columns=96, angles=46, height=16, width=96)
_NOISE = 32  # different frames; then they come again


def stack(folder: Path) -> Path:
    """Give the file of the stack."""
    return folder / "stack.h5"


def tomogram(folder: Path) -> Path:
    """Give the file of the tomography scan."""
    return folder / "B7" / "2026-0042" / "raw" / "tooth.nxs"


def make(folder: Path, size: Size) -> None:
    """Write the files, unless they are there."""
    done = folder / "done"
    if done.exists() and done.read_text() == repr(size):
        return
    shutil.rmtree(folder, ignore_errors=True)
    tomogram(folder).parent.mkdir(parents=True)
    (tomogram(folder).parents[1] / "processed").mkdir()
    _write_stack(stack(folder), size)
    axis = size.width / 2 - 3.3
    setup = demo.Setup(size.angles, size.height, size.width, axis, flats=5, darks=5)
    demo.write_nxtomo(tomogram(folder), setup, 1, "bench")
    done.write_text(repr(size))


def _write_stack(path: Path, size: Size) -> None:
    few = min(_NOISE, size.frames)
    shape = io_data.Size(few, 0, size.rows, size.columns, 16)
    frames = list(io_data.frames(shape))
    rng = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        data = file.create_dataset(
            "data",
            (size.frames, size.rows, size.columns),
            "u2",
            chunks=(1, size.rows, size.columns),
            **hdf5plugin.Bitshuffle(cname="lz4"),
        )
        for number in range(size.frames):
            data[number] = frames[number % few]
        for name, level in (("dark", 100.0), ("flat", 30_000.0)):
            noise = rng.normal(0, np.sqrt(level) / 3, (size.rows, size.columns))
            file[name] = (level + noise).astype("f4")

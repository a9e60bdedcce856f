"""A proposal with a scan, for tests of runs."""

import os
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from daisy_kernel.workflow.runs.record import Progress


def write_scan(path: Path, frames: int = 40, seed: int = 0) -> None:
    rng = np.random.default_rng(seed)
    with h5py.File(path, "w") as file:
        data = file.create_group("entry/data")
        data.create_dataset(
            "data",
            data=rng.integers(0, 5000, (frames, 24, 32)).astype("u2"),
            chunks=(1, 24, 32),
            compression="gzip",
        )
        data["rotation_angle"] = np.linspace(0, 180, frames)
        data.attrs["NX_class"], data.attrs["signal"] = "NXdata", "data"
        file["entry"].attrs["NX_class"] = "NXentry"
    old = time.time() - 100
    os.utime(path, (old, old))


DARK = np.full((24, 32), 7, "f4")


def quiet(_: Progress) -> None:
    """Show nothing."""


def wait_for(condition: Any, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.005)

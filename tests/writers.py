"""Programs that write scans as acquisition systems do, each in a process of its own.

Every value of frame i is i + 1; after each frame the time is told, so that it can be
measured how late it is seen.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HDF5 = """
import sys, time
import h5py, numpy as np
path, mode = sys.argv[1:]
# locks are left as a facility's writer has them
file = h5py.File(path, "w", libver="latest" if mode == "swmr" else "earliest")
data = file.create_dataset("entry/data/data", (0, 32, 40), "u2", chunks=(1, 32, 40),
                           maxshape=(None, 32, 40), compression="gzip")
file.flush()
if mode == "swmr":
    file.swmr_mode = True
print("ready", flush=True)
for i, _ in enumerate(sys.stdin):
    data.resize(i + 1, axis=0)
    data[i] = i + 1
    data.flush() if mode == "swmr" else file.flush()
    print(time.time(), flush=True)
file.close()
print("closed", flush=True)
"""

TIFF = """
import os, sys, time
import numpy as np, tifffile
path, mode = sys.argv[1:]
os.makedirs(path)
print("ready", flush=True)
for i, _ in enumerate(sys.stdin):
    tifffile.imwrite(f"{path}/frame_{i:04d}.tif", np.full((32, 40), i + 1, "u2"))
    print(time.time(), flush=True)
print("closed", flush=True)
"""


class Writer:
    """A process that writes a frame whenever it is told to."""

    def __init__(self, path: Path, mode: str) -> None:
        program = TIFF if mode == "tiff" else HDF5
        self.path, self.frames = path, 0
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, str(path), mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def write(self, frames: int = 1) -> float:
        """Write frames; gives the time when the last one was there."""
        time = 0.0
        for _ in range(frames):
            assert self._process.stdin is not None
            self._process.stdin.write("\n")
            self._process.stdin.flush()
            time = float(self._line())
            self.frames += 1
        return time

    def close(self) -> None:
        """Let it close its file; it must never have been disturbed."""
        rest, _ = self._process.communicate(timeout=30)
        assert rest.endswith("closed\n")
        assert self._process.returncode == 0

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

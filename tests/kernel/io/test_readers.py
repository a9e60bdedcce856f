"""The conformance suite on every reader."""

from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import tifffile

from daisy_kernel.testing import ReaderTests


class TestContiguousHdf5(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        with h5py.File(folder / "scan.h5", "w") as file:
            file["data"] = frames
        return folder / "scan.h5"


class TestBitshuffledHdf5(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        with h5py.File(folder / "scan.nxs", "w") as file:
            packed = hdf5plugin.Bitshuffle(cname="lz4")
            file.create_dataset("e/d", data=frames, chunks=(2, 3, 4), **packed)
        return folder / "scan.nxs"


class TestVirtualHdf5(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        layout = h5py.VirtualLayout(frames.shape, frames.dtype)
        for i, frame in enumerate(frames):
            with h5py.File(folder / f"part_{i}.h5", "w") as file:
                file["data"] = frame
            layout[i] = h5py.VirtualSource(f"part_{i}.h5", "data", frame.shape)
        with h5py.File(folder / "scan.h5", "w") as file:
            file.create_virtual_dataset("data", layout)
        return folder / "scan.h5"


class TestTiffFile(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        tifffile.imwrite(folder / "scan.tif", frames, photometric="minisblack")
        return folder / "scan.tif"


class TestTiffFolder(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        for i, frame in enumerate(frames):
            tifffile.imwrite(folder / f"f{i}.tif", frame, compression="zlib")
        return folder

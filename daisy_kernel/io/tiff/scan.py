"""A TIFF file or folder as a scan."""

from __future__ import annotations

from pathlib import Path

from daisy_kernel.io.roots import Roots
from daisy_kernel.io.single import SingleScan
from daisy_kernel.io.tiff.array import TiffArray


class TiffScan(SingleScan):
    """Implements ScanSource for a TIFF file or a folder of them."""

    def __init__(self, path: Path, folder: bool, roots: Roots = None) -> None:
        name = "tiff-folder" if folder else "tiff"
        super().__init__(name, TiffArray(path, folder, roots))

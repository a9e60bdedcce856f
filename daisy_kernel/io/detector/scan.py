"""Detector frames as a scan."""

from __future__ import annotations

from pathlib import Path

from daisy_kernel.io.detector.array import DetectorArray
from daisy_kernel.io.detector.files import frame_files, frame_suffix
from daisy_kernel.io.roots import Roots
from daisy_kernel.io.single import SingleScan
from daisy_kernel.model.nodes import ScanSource


def open_frames(path: Path, roots: Roots) -> ScanSource:
    """Open a file of frames, or a folder of such files as one stack."""
    folder = path.is_dir()
    first = frame_files(path)[0][0] if folder else path
    array = DetectorArray(path, folder, roots)
    name = frame_suffix(first) or "detector"
    return SingleScan(
        f"{name}-folder" if folder else name, array, array.attrs, array.notes
    )

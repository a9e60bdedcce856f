"""Write a folder of TIFF files, one per frame."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy.typing as npt
import tifffile


def write_tiff_folder(
    folder: Path, frames: Iterable[npt.NDArray[Any]], stem: str = "frame"
) -> None:
    """Write frames as <stem>_0000.tif and so on."""
    folder.mkdir(parents=True)
    for i, frame in enumerate(frames):
        tifffile.imwrite(folder / f"{stem}_{i:04d}.tif", frame)

"""Readers and writers, one place per format."""

from daisy_kernel.io.names import (
    is_frame,
    is_one_folder,
    is_part,
    is_parts,
    kind_of_file,
)
from daisy_kernel.io.open import data_folder, locate, open_scan
from daisy_kernel.io.readers import HDF5_SUFFIXES, Reader
from daisy_kernel.io.tiff import SUFFIXES as TIFF_SUFFIXES
from daisy_kernel.io.transposing import transpose

__all__ = [
    "HDF5_SUFFIXES",
    "TIFF_SUFFIXES",
    "Reader",
    "data_folder",
    "is_frame",
    "is_one_folder",
    "is_part",
    "is_parts",
    "kind_of_file",
    "locate",
    "open_scan",
    "transpose",
]

"""TIFF: one file with one or more pages, or a folder with a page per file."""

from daisy_kernel.io.tiff.array import TiffArray
from daisy_kernel.io.tiff.files import SUFFIXES, is_tiff, tiff_files
from daisy_kernel.io.tiff.scan import TiffScan

__all__ = ["SUFFIXES", "TiffArray", "TiffScan", "is_tiff", "tiff_files"]

"""DAISY's library for notebooks and workers: open, read, process, view."""

from daisy_kernel.io import open_scan as open
from daisy_kernel.model import Dataset, Group, Scan, errors

__all__ = ["Dataset", "Group", "Scan", "errors", "open"]

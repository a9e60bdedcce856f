"""DAISY's library for notebooks and workers: open, read, process, view."""

from daisy_kernel import apps
from daisy_kernel.compute import engine
from daisy_kernel.io import open_scan as open
from daisy_kernel.io.results import save
from daisy_kernel.model import Dataset, Group, Scan, errors
from daisy_kernel.model.volume import Volume

__all__ = [
    "Dataset",
    "Group",
    "Scan",
    "Volume",
    "apps",
    "engine",
    "errors",
    "open",
    "save",
]

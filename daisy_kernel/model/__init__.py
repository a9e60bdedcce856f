"""Scans, groups, datasets and errors: numpy and the standard library only."""

from daisy_kernel.model import errors
from daisy_kernel.model.dataset import Dataset
from daisy_kernel.model.nodes import Child, Page, Problem
from daisy_kernel.model.scan import Group, Scan
from daisy_kernel.model.selection import Selection, select

__all__ = [
    "Child",
    "Dataset",
    "Group",
    "Page",
    "Problem",
    "Scan",
    "Selection",
    "errors",
    "select",
]

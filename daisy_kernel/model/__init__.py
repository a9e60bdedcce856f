"""Scans, groups, datasets and errors: numpy and the standard library only."""

from daisy_kernel.model import errors
from daisy_kernel.model.data import Axis, DataObject, Origin, Quantity, data_object
from daisy_kernel.model.dataset import Dataset
from daisy_kernel.model.nodes import Child, Page, Problem
from daisy_kernel.model.scan import Group, Scan
from daisy_kernel.model.selection import Selection, select

__all__ = [
    "Axis",
    "Child",
    "DataObject",
    "Dataset",
    "Group",
    "Origin",
    "Page",
    "Problem",
    "Quantity",
    "Scan",
    "Selection",
    "data_object",
    "errors",
    "select",
]

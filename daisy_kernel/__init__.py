"""DAISY's library for notebooks and workers: open, read, process, view.

Names are imported when they are first used: a notebook's kernel has `daisy` from
the start, and must not wait for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daisy_kernel import apps as apps
    from daisy_kernel import io as io
    from daisy_kernel.catalog import search as search
    from daisy_kernel.compute import engine as engine
    from daisy_kernel.io import open_scan as open
    from daisy_kernel.io.results import save as save
    from daisy_kernel.io.writing.write import write as write
    from daisy_kernel.model import DataObject as DataObject
    from daisy_kernel.model import Dataset as Dataset
    from daisy_kernel.model import Group as Group
    from daisy_kernel.model import Scan as Scan
    from daisy_kernel.model import data_object as data_object
    from daisy_kernel.model import errors as errors
    from daisy_kernel.model.volume import Volume as Volume
    from daisy_kernel.store import DataStore as DataStore
    from daisy_kernel.store import align as align
    from daisy_kernel.ui import view as view
    from daisy_kernel.ui.form import form as form
    from daisy_kernel.workflow import Algorithm as Algorithm
    from daisy_kernel.workflow import Data as Data
    from daisy_kernel.workflow import Parameter as Parameter
    from daisy_kernel.workflow import Workflow as Workflow
    from daisy_kernel.workflow import algorithm as algorithm
    from daisy_kernel.workflow.batch import batch as batch
    from daisy_kernel.workflow.runs import Run as Run
    from daisy_kernel.workflow.runs import history as history
    from daisy_kernel.workflow.runs import rerun as rerun
    from daisy_kernel.workflow.runs import run as run
    from daisy_kernel.workflow.runs import runs as runs
    from daisy_kernel.workflow.runs import submit as submit

_HOME = {
    "Algorithm": ("daisy_kernel.workflow", "Algorithm"),
    "Data": ("daisy_kernel.workflow", "Data"),
    "DataObject": ("daisy_kernel.model", "DataObject"),
    "DataStore": ("daisy_kernel.store", "DataStore"),
    "Dataset": ("daisy_kernel.model", "Dataset"),
    "Group": ("daisy_kernel.model", "Group"),
    "Parameter": ("daisy_kernel.workflow", "Parameter"),
    "Run": ("daisy_kernel.workflow.runs", "Run"),
    "Scan": ("daisy_kernel.model", "Scan"),
    "Volume": ("daisy_kernel.model.volume", "Volume"),
    "Workflow": ("daisy_kernel.workflow", "Workflow"),
    "algorithm": ("daisy_kernel.workflow", "algorithm"),
    "align": ("daisy_kernel.store", "align"),
    "apps": ("daisy_kernel.apps", ""),
    "batch": ("daisy_kernel.workflow.batch", "batch"),
    "data_object": ("daisy_kernel.model", "data_object"),
    "engine": ("daisy_kernel.compute", "engine"),
    "errors": ("daisy_kernel.model.errors", ""),
    "form": ("daisy_kernel.ui.form", "form"),
    "history": ("daisy_kernel.workflow.runs", "history"),
    "io": ("daisy_kernel.io", ""),
    "open": ("daisy_kernel.io", "open_scan"),
    "rerun": ("daisy_kernel.workflow.runs", "rerun"),
    "run": ("daisy_kernel.workflow.runs", "run"),
    "runs": ("daisy_kernel.workflow.runs", "runs"),
    "save": ("daisy_kernel.io.results", "save"),
    "search": ("daisy_kernel.catalog", "search"),
    "submit": ("daisy_kernel.workflow.runs", "submit"),
    "view": ("daisy_kernel.ui", "view"),
    "write": ("daisy_kernel.io.writing.write", "write"),
}

__all__ = [
    "Algorithm",
    "Data",
    "DataObject",
    "DataStore",
    "Dataset",
    "Group",
    "Parameter",
    "Run",
    "Scan",
    "Volume",
    "Workflow",
    "algorithm",
    "align",
    "apps",
    "batch",
    "data_object",
    "engine",
    "errors",
    "form",
    "history",
    "io",
    "open",
    "rerun",
    "run",
    "runs",
    "save",
    "search",
    "submit",
    "view",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"daisy has no {name!r}; it has {', '.join(__all__)}")
    module, member = _HOME[name]
    found = import_module(module)
    value = getattr(found, member) if member else found
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

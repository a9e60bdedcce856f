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
    from daisy_kernel.model import Dataset as Dataset
    from daisy_kernel.model import Group as Group
    from daisy_kernel.model import Scan as Scan
    from daisy_kernel.model import errors as errors
    from daisy_kernel.model.volume import Volume as Volume
    from daisy_kernel.ui import view as view

_HOME = {
    "Dataset": ("daisy_kernel.model", "Dataset"),
    "Group": ("daisy_kernel.model", "Group"),
    "Scan": ("daisy_kernel.model", "Scan"),
    "Volume": ("daisy_kernel.model.volume", "Volume"),
    "apps": ("daisy_kernel.apps", ""),
    "engine": ("daisy_kernel.compute", "engine"),
    "errors": ("daisy_kernel.model.errors", ""),
    "io": ("daisy_kernel.io", ""),
    "open": ("daisy_kernel.io", "open_scan"),
    "save": ("daisy_kernel.io.results", "save"),
    "search": ("daisy_kernel.catalog", "search"),
    "view": ("daisy_kernel.ui", "view"),
    "write": ("daisy_kernel.io.writing.write", "write"),
}

__all__ = [
    "Dataset",
    "Group",
    "Scan",
    "Volume",
    "apps",
    "engine",
    "errors",
    "io",
    "open",
    "save",
    "search",
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

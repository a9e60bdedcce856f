"""Jobs on lines: one line, thinned."""

from typing import Any

import numpy as np

from daisy_kernel.model.errors import NothingToShow
from daisy_lab.jobs.datasets import (
    axis_of,
    check_size,
    dataset_of,
    leading,
    open_scan,
    real,
)
from daisy_lab.jobs.values import Result, numbers


def series(
    path: str, roots: list[str], node: str, index: list[int], points: int
) -> Result:
    """Read one line, and thin it to the smallest and largest value per bin."""
    with open_scan(path, roots) as scan:
        dataset = dataset_of(scan, node)
        if not dataset.shape or dataset.dtype.kind not in "biufc":
            raise NothingToShow(path, f"{dataset.path} is not a line")
        lead = leading(dataset, index, 1)
        check_size(dataset, dataset.shape[-1], lead)
        line = real(dataset.read(lead)).astype(np.float64)
        name = dataset.axes[-1] if dataset.axes else None
        axis = axis_of(scan, dataset, name)
        x = np.arange(line.size, dtype=np.float64)
        label, units = "index", None
        if axis is not None and axis.shape == (line.size,):
            x = np.asarray(axis.read(), np.float64)
            label, units = axis.name, axis.units
        low, high, at = _thin(line, x, points)
        return {
            "x": numbers(at),
            "lo": numbers(low),
            "hi": numbers(high),
            "total": int(line.size),
            "label": label,
            "units": units,
            "y": {"label": dataset.name, "units": dataset.units},
        }, b""


def _thin(line: Any, x: Any, points: int) -> tuple[Any, Any, Any]:
    if line.size <= points:
        return line, line, x
    edges = np.linspace(0, line.size, points + 1).astype(np.int64)[:-1]
    low = np.fmin.reduceat(line, edges)
    high = np.fmax.reduceat(line, edges)
    return low, high, x[edges]

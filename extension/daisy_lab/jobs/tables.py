"""Jobs on tables: a page of exact values, and every attribute of a node."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from daisy_kernel.model import Dataset, Group, Scan
from daisy_kernel.model.errors import NothingToShow
from daisy_lab.jobs.cuts import cut_of
from daisy_lab.jobs.datasets import check_size, dataset_of, open_scan
from daisy_lab.jobs.values import Json, Result, exact

TABLE_AXES = 2


def values(
    path: str,
    roots: list[str],
    node: str,
    index: list[int],
    axes: list[int],
    rows: list[int],
    columns: list[int],
) -> Result:
    """Read a page of a table, every value as text so that no digit is lost.

    A compound has one column per field, a list one column, an array with more
    axes the two that are named.
    """
    with open_scan(path, roots) as scan:
        dataset = dataset_of(scan, node)
        if not dataset.size:
            raise NothingToShow(path, f"{dataset.path} holds no values")
        fields = dataset.dtype.names if dataset.ndim < TABLE_AXES else None
        drawn = axes or list(range(dataset.ndim))[-TABLE_AXES:]
        cells, shape = _page(dataset, drawn, index, rows, columns)
        if fields:
            chosen = fields[slice(*columns)]
            items = [[exact(row[name]) for name in chosen] for row in cells[:, 0]]
            shape = (shape[0], len(fields))
        else:
            names = _enumeration(dataset.dtype)
            items = [[exact(cell, names) for cell in row] for row in cells]
        return {
            "shape": list(shape),
            "fields": None if fields is None else list(fields),
            "rows": [rows[0], rows[0] + len(items)],
            "columns": [columns[0], columns[0] + len(items[0]) if items else 0],
            "items": items,
        }, b""


def _page(
    dataset: Dataset,
    axes: list[int],
    index: list[int],
    rows: list[int],
    columns: list[int],
) -> tuple[Any, tuple[int, int]]:
    """Read the cells of a page as rows of columns; the shape of the whole table."""
    if dataset.ndim < TABLE_AXES:
        whole = dataset.shape[0] if dataset.ndim else 1
        check_size(dataset, min(rows[1], whole) - rows[0], (slice(*rows),))
        found = dataset.read((slice(*rows),) if dataset.ndim else ())
        return np.asarray(found).reshape(-1, 1), (whole, 1)
    cut = cut_of(dataset, axes, index)
    parts = dict(zip(cut.axes, (slice(*rows), slice(*columns)), strict=True))
    place = [parts.get(axis, part) for axis, part in enumerate(cut.selection)]
    found = dataset.read(tuple(place))
    turned = cut.axes[0] > cut.axes[1]
    return found.T if turned else found, (cut.shape[0], cut.shape[1])


def _enumeration(dtype: np.dtype[Any]) -> Mapping[int, str]:
    named: Mapping[str, int] = dict(dtype.metadata or {}).get("enum", {})
    return {int(number): name for name, number in named.items()}


def attributes(path: str, roots: list[str], node: str) -> Result:
    """List all attributes of a node and of the groups above it."""
    with open_scan(path, roots) as scan:
        return {"nodes": [_attributes_of(scan, p) for p in _upwards(node)]}, b""


def _upwards(node: str) -> list[str]:
    parts = [part for part in node.split("/") if part]
    return ["/".join(parts[:end]) for end in range(len(parts), -1, -1)]


def _attributes_of(scan: Scan, path: str) -> Json:
    found: Dataset | Group = scan[path] if path else scan.root
    return {
        "path": path or "/",
        "attributes": [
            {"name": str(name), "value": exact(value), **_type_of(value)}
            for name, value in found.attrs.items()
        ],
    }


def _type_of(value: Any) -> Json:
    if isinstance(value, str | bytes):
        return {"dtype": "text", "shape": []}
    array = np.asarray(value)
    kind = "text" if array.dtype.kind in "OSU" else array.dtype.name
    return {"dtype": kind, "shape": list(array.shape)}

"""Jobs on the tree of a file: members, one node, what to draw first."""

from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.catalog import technique_of
from daisy_kernel.model import Child, Dataset, Group, Scan
from daisy_kernel.model.errors import DaisyError
from daisy_lab.jobs.corrections import has_flat
from daisy_lab.jobs.datasets import axis_of, describe, open_scan
from daisy_lab.jobs.pixelsize import pixel_sizes
from daisy_lab.jobs.values import SHOWN_VALUES, Json, Result, numbers, plain

AXIS_VALUES = 10_000


def children(
    path: str, roots: list[str], node: str, offset: int, limit: int, filter: str
) -> Result:
    """List a page of the members of a group."""
    with open_scan(path, roots) as scan:
        group = scan[node] if node.strip("/") else scan.root
        if isinstance(group, Dataset):
            return {"items": [], "total": 0, "offset": 0}, b""
        page = group.children(offset=offset, limit=limit, filter=filter)
        items = [told_of(child) for child in page.items]
        return {"items": items, "total": page.total, "offset": page.offset}, b""


def told_of(child: Child) -> Json:
    """Say what a line of the tree says of a member."""
    return {
        "name": child.name,
        "path": child.path,
        "kind": child.kind,
        "detail": child.detail,
        "link": child.link,
    }


def node(path: str, roots: list[str], node: str) -> Result:
    """Describe one group or dataset."""
    with open_scan(path, roots) as scan:
        found: Dataset | Group = scan[node] if node.strip("/") else scan.root
        answer: Json = {
            "path": found.path,
            "name": found.name or Path(path).name,
            "attributes": [
                {"name": str(name), "value": plain(value)}
                for name, value in found.attrs.items()
            ],
        }
        if isinstance(found, Dataset):
            answer |= {"kind": "dataset", **describe(found)}
            answer["value"] = _value(found)
        else:
            answer["kind"] = "group"
        return answer, b""


def plot(path: str, roots: list[str], node: str) -> Result:
    """Describe what to draw first: the default plot, or *node*."""
    with open_scan(path, roots) as scan:
        signals = scan.signals
        chosen = scan.get(node) if node else None
        signal = chosen if isinstance(chosen, Dataset) else next(iter(signals), None)
        return {
            "format": scan.format,
            **_about(scan),
            "signal": None if signal is None else _signal(scan, signal),
            "signals": [
                {"path": s.path, "shape": list(s.shape), "dtype": str(s.dtype)}
                for s in signals
            ],
            "notes": [*scan.notes, *(() if signal is None else signal.notes)],
            "missing": [
                {"path": m.path, "kind": m.kind, "reason": m.reason}
                for m in scan.missing
            ],
        }, b""


def _about(scan: Scan) -> Json:
    """Read what a scan says of itself, through its own confined links."""
    entry = next(
        (c.path for c in scan.children(limit=20) if c.detail.startswith("NXentry")), ""
    )
    return {
        "title": _text(scan, f"{entry}/title"),
        "technique": _technique(scan, entry),
        "sample": _text(scan, f"{entry}/sample/name"),
        "start_time": _text(scan, f"{entry}/start_time"),
    }


def _technique(scan: Scan, entry: str) -> str:
    # Data Exchange names no technique; flat fields are what tomography has
    if not entry and isinstance(scan.get("exchange/data_white"), Dataset):
        return "tomography"
    return technique_of(_text(scan, f"{entry}/definition"))


def _text(scan: Scan, path: str) -> str:
    found = scan.get(path)
    if not isinstance(found, Dataset) or found.size != 1:
        return ""
    try:
        return str(plain(found.read().reshape(-1)[0])).strip()
    except DaisyError:
        return ""


def _signal(scan: Scan, dataset: Dataset) -> Json:
    return {
        "path": dataset.path,
        "name": dataset.name,
        "dimensions": [_dimension(scan, dataset, a) for a in range(dataset.ndim)],
        "first": scan.first_frame(dataset),
        "flat": has_flat(scan, dataset),
        "pixels": pixel_sizes(scan, dataset),
        **describe(dataset),
    }


def _dimension(scan: Scan, dataset: Dataset, number: int) -> Json:
    name = dataset.axes[number] if number < len(dataset.axes) else None
    axis, length = axis_of(scan, dataset, name), dataset.shape[number]
    if axis is None or axis.shape != (length,) or length > AXIS_VALUES:
        units = None if axis is None else axis.units
        return {"name": name, "units": units, "values": None}
    values = numbers(np.asarray(axis.read(), np.float64))
    return {"name": axis.name, "units": axis.units, "values": values}


def _value(dataset: Dataset) -> Any:
    """Return small values and texts whole, for the panel; None for the rest."""
    if dataset.size > SHOWN_VALUES and dataset.dtype.kind in "biufc":
        return None
    if dataset.size > SHOWN_VALUES:
        first = (slice(0, SHOWN_VALUES),) if dataset.ndim else ()
        return plain(dataset.read(first))
    return plain(dataset.read())

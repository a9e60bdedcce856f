"""Results of a run as NeXus files, with all that is needed to make them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.open import open_scan
from daisy_kernel.io.writing import Branch, Field, write_nexus
from daisy_kernel.model import DataObject, Dataset, Origin
from daisy_kernel.model.errors import FormatNotSupported
from daisy_kernel.workflow.runs.record import Record
from daisy_kernel.workflow.storing import described, description

_ENTRY, _PROVENANCE, _DATA = "entry", "entry/provenance", "entry/data/data"
_FRAMES, _MEMORY = 3, 16 << 20


def write_result(
    path: Path, name: str, found: DataObject, record: Record, workflow: str, now: str
) -> None:
    """Write a result.

    Parameters
    ----------
    workflow
        As YAML.
    now
        Time, ISO 8601.

    Raises
    ------
    ResultExists, WriteFailed
        Nothing is left then.
    """
    entry: dict[str, Any] = {
        "title": f"{name}: {record.title or record.workflow}",
        "start_time": record.created,
        "end_time": now,
        "data": _plot(found),
        "provenance": _provenance(name, found, record, workflow),
    }
    for number, step in enumerate(record.steps, 1):
        entry[f"process_{number}"] = _process(number, step, record, now)
    if record.user:
        entry["user"] = Branch("NXuser", {"name": record.user})
    if found.geometry:
        numbers = {k: Field(q.value, q.units) for k, q in found.geometry.items()}
        entry["geometry"] = Branch("NXcollection", numbers)
    whole = Branch("NXentry", entry, {"default": "data"})
    write_nexus(path, Branch("NXroot", {_ENTRY: whole}, {"default": _ENTRY}))


def open_result(path: Path) -> DataObject:
    """Open a result: lazy, with its axes, units, geometry and identity.

    Raises
    ------
    DataError
    """
    scan = open_scan(path)
    data = scan[_DATA]
    if not isinstance(data, Dataset):
        raise FormatNotSupported(str(path), "it holds no result of a run")
    about = read_json(scan, "object")
    identity = str(about.pop("identity"))
    origin = Origin(f"{path}", about.get("algorithm", ""), identity=identity)
    return described(data, about, origin)


def read_json(scan: Any, name: str) -> Any:
    """Read a part of a result's provenance.

    Raises
    ------
    FieldNotFound
        It is no result of a run.
    """
    return json.loads(read_text(scan, name))


def read_text(scan: Any, name: str) -> str:
    """Read a part of a result's provenance as it is.

    Raises
    ------
    FieldNotFound
        It is no result of a run.
    """
    found = scan[f"{_PROVENANCE}/{name}"]
    return str(np.asarray(found.read()).reshape(-1)[0])


def _plot(found: DataObject) -> Branch:
    members: dict[str, Any] = {"data": _signal(found)}
    for axis in found.axes:
        if axis.name and axis.values is not None and axis.name != "data":
            members[axis.name] = Field(axis.values, axis.units)
    names = [axis.name if axis.name in members else "." for axis in found.axes]
    return Branch("NXdata", members, {"signal": "data", "axes": names})


def _signal(found: DataObject) -> Field:
    if not found.shape or not isinstance(found.data, Dataset) or 0 in found.shape:
        return Field(found.read(), found.units)
    blocks = (block for _, block in found.data.blocks(memory=_MEMORY))
    chunks = (1, *found.shape[1:]) if found.ndim >= _FRAMES else None
    return Field(
        blocks, found.units, chunks=chunks, shape=found.shape, dtype=found.dtype
    )


def _process(number: int, step: Mapping[str, Any], record: Record, now: str) -> Branch:
    return Branch(
        "NXprocess",
        {
            "program": "daisy_kernel",
            "version": record.versions.get("daisy-kernel", ""),
            "sequence_index": number,
            "date": now,
            "description": step.get("summary") or step["algorithm"],
            "algorithm": step["algorithm"],
            "name": step["name"],
            "parameters": _note(step["parameters"]),
            "inputs": _note(step["takes"]),
            "results": _note(step["makes"]),
        },
    )


def _provenance(name: str, found: DataObject, record: Record, workflow: str) -> Branch:
    about = {
        **description(found),
        "name": name,
        "identity": record.objects.get(name, ""),
        "algorithm": found.origin.algorithm,
    }
    run = asdict(record)
    return Branch(
        "NXcollection",
        {
            "object": json.dumps(about, default=str),
            "run": json.dumps(run, default=_plain),
            "workflow": workflow,
        },
    )


def _note(values: Any) -> Branch:
    return Branch(
        "NXnote",
        {"type": "application/json", "data": json.dumps(values, default=_plain)},
    )


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)

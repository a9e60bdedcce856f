"""Save results as NeXus with their provenance, never over an older one."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.open import locate
from daisy_kernel.io.proposal import raw_folder
from daisy_kernel.io.writing import Branch, Field, write_nexus
from daisy_kernel.io.writing.content import volume_axis
from daisy_kernel.model.errors import FileMissing, ParameterRefused, ResultExists
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.volume import Volume

_MOST_RUNS = 10_000


def save(volume: Volume | Array, path: str | os.PathLike[str] | None = None) -> Path:
    """Save a result.

    Parameters
    ----------
    volume
        What an application gave back, or an array.
    path
        File to write; by default the next free
        ``processed/<scan>/run_NNN/volume.h5`` of the scan's proposal.

    Returns
    -------
    :
        The file that was written.

    Raises
    ------
    ResultExists
        The file exists; it is left as it is.
    """
    result = volume if isinstance(volume, Volume) else Volume(np.asarray(volume))
    if path is not None:
        target = Path(path).expanduser()
        target.parent.mkdir(parents=True, exist_ok=True)
        write_nexus(target, _nexus(result))
        return target
    run = new_run(result.source)
    try:
        write_nexus(run / "volume.h5", _nexus(result))
    except BaseException:
        run.rmdir()  # nothing else is in it: a failed run leaves no empty folder
        raise
    return run / "volume.h5"


def new_run(scan: str) -> Path:
    """Make the next free run folder for a scan, also if others do so meanwhile."""
    return new_folder(results_folder(scan))


def new_folder(folder: Path) -> Path:
    """Make the next free folder `run_NNN` in a folder, which may not be there yet.

    Raises
    ------
    FileMissing
        It may not be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST_RUNS):
            run = folder / f"run_{number:03d}"
            try:
                run.mkdir()
            except FileExistsError:
                continue
            return run
    except PermissionError as error:
        raise FileMissing(
            str(folder), "you may not write here: give a folder of your own"
        ) from error
    raise ResultExists(str(folder / f"run_{_MOST_RUNS}"))


def results_folder(scan: str) -> Path:
    """Give ``processed/<scan>`` for ``raw/<scan>``.

    Folders between raw and the scan become part of the name, so that two scans of
    the same name keep apart.
    """
    path = Path(scan)
    raw = raw_folder(path)
    if not scan or not raw:
        raise ParameterRefused(
            f"{scan or 'this array'} does not lie in a proposal's raw folder, so there "
            "is no place for its results: give save() a path"
        )
    relative = path.relative_to(raw)
    parts = [*relative.parts[:-1], relative.stem if path.is_file() else relative.name]
    return raw.parent / "processed" / "_".join(parts)


def _nexus(result: Volume) -> Branch:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = {
        "title": f"{result.process or 'result'} of {Path(result.source).name}",
        "definition": "NXtomoproc",
        "end_time": now,
        "reconstruction": _process(result, now),
        "data": _plot(result),
    }
    if user := _user():
        entry["user"] = Branch("NXuser", {"name": user})
    return Branch(
        "NXroot", {"entry": Branch("NXentry", entry, {"default": "data"})},
        {"default": "entry"},
    )  # fmt: skip


def _process(result: Volume, now: str) -> Branch:
    note = {"type": "application/json", "data": json.dumps(dict(result.parameters))}
    members: dict[str, Any] = {
        "program": "daisy_kernel",
        "version": version("daisy-kernel"),
        "date": now,
        "description": result.process,
        "parameters": Branch("NXnote", note),
        "notes": "\n".join(result.notes),
    }
    if result.source:
        members["input"] = Branch("NXcollection", dict(_identity(result.source)))
    return Branch("NXprocess", members)


def _identity(source: str) -> Iterator[tuple[str, Any]]:
    """Say which file it was: path, size, time of its last change."""
    path = locate(source)
    status = path.stat()
    yield "path", str(path)
    yield "size", Field(status.st_size, "bytes")
    changed = datetime.fromtimestamp(status.st_mtime, UTC)
    yield "modified", changed.isoformat(timespec="microseconds")


def _plot(result: Volume) -> Branch:
    data = result.data
    names = ["z", "y", "x"][-data.ndim :] if data.ndim in (1, 2, 3) else []
    members: dict[str, Any] = {
        "data": Field(data, result.units, chunks=_chunks(data.shape))
    }
    if result.pixel_size and names:
        for name, size in zip(names, data.shape, strict=True):
            members[name] = Field(volume_axis(result, name, size), "m")
    axes = names if result.pixel_size else ["."] * data.ndim
    return Branch("NXdata", members, {"signal": "data", "axes": axes})


def _chunks(shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """One slice per chunk: that is how results are looked at."""
    return (1, *shape[1:]) if len(shape) > 2 and 0 not in shape else None  # noqa: PLR2004


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a uid without a name, as in a container
        return ""

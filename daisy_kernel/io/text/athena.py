"""Projects of Athena: many spectra in one compressed file, each a group here.

The file is Perl that Athena executes. Here it is only read, line by line, as lists of
plain values.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.io.text.columns import unique
from daisy_kernel.io.text.perl import NotPerl, pairs, values_of
from daisy_kernel.io.text.scan import Column, Table
from daisy_kernel.model.errors import FileDamaged, FormatNotSupported

_MAGIC = b"\x1f\x8b"
_START = b"# Athena project file"
_JSON = b"{"
_MOST_BYTES = 256 << 20
_STEP = 1 << 20
_OLD_GROUP = re.compile(r"^\$old_group\s*=\s*'(?P<name>[^']*)'")
_LIST = re.compile(r"^@(?P<name>\w+)\s*=\s*(?P<list>\(.*)$", re.S)
_RECORD = "[record]"
# what stands beside the energy, and how Demeter calls it
_BESIDE = {"i0": "i0", "signal": "signal", "stddev": "_errors"}
_TEXT = 4000


def is_athena(path: Path) -> bool:
    """Whether a file, compressed or not, begins as a project of Athena does."""
    if not path.is_file() or path.suffix.lower() != ".prj":
        return False
    start = _start(path)
    return start.startswith(_START) or start.lstrip().startswith(_JSON)


def read_athena(path: Path) -> Table:
    """Read all spectra of a project.

    Energies have the shift of the project added, as Athena shows them.
    """
    text = _text(path)
    if text.lstrip().startswith(_JSON.decode()):
        raise FormatNotSupported(
            str(path),
            "this project is of Larix (JSON): save it in Larix as an Athena project",
        )
    records, journal = _records(path, text)
    if not records:
        raise FileDamaged(str(path), "the project holds no spectra")
    names = unique(str(r["args"].get("label") or r["name"]) for r in records)
    groups = {
        name: _spectrum(path, name, record)
        for name, record in zip(names, records, strict=True)
    }
    attrs = {"program": text.partition("\n")[0].lstrip("# ")}
    if journal:
        attrs["journal"] = "\n".join(map(str, journal))
    return Table({}, groups, attrs)


def _records(path: Path, text: str) -> tuple[list[dict[str, Any]], list[Any]]:
    found: list[dict[str, Any]] = []
    journal: list[Any] = []
    record: dict[str, Any] = {"args": {}}
    for number, line in enumerate(text.splitlines(), 1):
        group, listed = _OLD_GROUP.match(line), _LIST.match(line)
        if group:
            record = {"args": {}, "name": group["name"]}
        elif listed:
            values = _values(path, number, listed["name"], listed["list"])
            if listed["name"] == "journal":
                journal = values
            elif listed["name"] == "args":
                record["args"] = _pairs(path, number, values)
            else:
                record[listed["name"]] = values
        elif line.startswith(_RECORD):
            found.append(record)
            record = {"args": {}}
    if "x" in record:
        raise FileDamaged(str(path), "the project ends within a spectrum: it is cut")
    return found, journal


def _values(path: Path, number: int, name: str, text: str) -> list[Any]:
    try:
        return values_of(text)
    except NotPerl as error:
        raise FileDamaged(str(path), f"line {number}, @{name}: {error}") from error


def _pairs(path: Path, number: int, values: list[Any]) -> dict[str, Any]:
    try:
        return pairs(values)
    except NotPerl as error:
        raise FileDamaged(str(path), f"line {number}, @args: {error}") from error


def _spectrum(path: Path, name: str, record: Mapping[str, Any]) -> Table:
    args = record["args"]
    x = _numbers(path, name, "x", record)
    notes: tuple[str, ...] = ()
    is_chi = str(args.get("is_chi") or 0) == "1"
    axis, signal = ("k", "chi") if is_chi else ("energy", "mu")
    columns: dict[str, Column] = {}
    if is_chi:
        columns[axis] = Column(x, {"units": "1/angstrom"})
    else:
        shift = _shift(path, name, args)
        note = f"the project's shift of {shift:g} eV is added to what was measured"
        attrs: dict[str, Any] = {"units": "eV", "energy_shift": shift}
        notes = (note,) if shift else ()
        columns[axis] = Column(x + shift, attrs, notes=notes)
        if shift:
            columns["energy_measured"] = Column(x, {"units": "eV"})
    y = _numbers(path, name, "y", record)
    if y.shape != x.shape:
        raise FileDamaged(f"{path}: {name}", f"@y has {y.size} values, @x has {x.size}")
    columns[signal] = Column(y, {}, axis, notes)
    for key, called in _BESIDE.items():
        if record.get(key):
            label = f"{signal}{called}" if called.startswith("_") else called
            columns[label] = _beside(path, name, key, record, axis, x.size)
    return Table(columns, {}, {**_attributes(args), "NX_class": "NXdata"}, (signal,))


def _shift(path: Path, name: str, args: Mapping[str, Any]) -> float:
    try:
        return float(args.get("bkg_eshift") or 0)
    except (TypeError, ValueError) as error:
        raise FileDamaged(
            f"{path}: {name}", f"bkg_eshift is no number: {args.get('bkg_eshift')!r}"
        ) from error


def _numbers(
    path: Path, name: str, key: str, record: Mapping[str, Any]
) -> npt.NDArray[np.float64]:
    if not record.get(key):
        raise FileDamaged(f"{path}: {name}", f"the spectrum has no @{key}")
    try:
        return np.array([float(value) for value in record[key]], np.float64)
    except (TypeError, ValueError) as error:
        raise FileDamaged(f"{path}: {name}", f"@{key}: {error}") from error


def _beside(
    path: Path, name: str, key: str, record: Mapping[str, Any], axis: str, size: int
) -> Column:
    found = _numbers(path, name, key, record)
    if found.size == size:
        return Column(found, {}, axis)
    # Athena removes points of a spectrum, and leaves those of its detectors
    note = f"{key} has {found.size} values, the spectrum {size}: points were removed"
    return Column(found, {"note": note}, notes=(note,))


def _attributes(args: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what says something: texts and numbers that are not empty."""
    return {
        name: value[:_TEXT] if isinstance(value, str) else value
        for name, value in args.items()
        if isinstance(value, str | int | float) and value != ""
    }


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        if file.read(2) != _MAGIC:
            file.seek(0)
            return file.read(64)
    try:
        with gzip.open(path) as file:
            return file.read(64)
    except (OSError, EOFError, zlib.error):
        return _START  # it is opened, and says what is wrong


def _text(path: Path) -> str:
    """Unpack a project, but not without end."""
    try:
        content = b"".join(_unpacked(path))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileDamaged(
            str(path), f"the project cannot be unpacked, it may be cut: {error}"
        ) from error
    return content.decode("utf-8", "replace")


def _unpacked(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == _MAGIC
    size = 0
    with gzip.open(path) if packed else path.open("rb") as text:
        while block := text.read(_STEP):
            size += len(block)
            if size > _MOST_BYTES:
                raise FormatNotSupported(
                    str(path), f"it unpacks to more than {_MOST_BYTES >> 20} MiB"
                )
            yield block

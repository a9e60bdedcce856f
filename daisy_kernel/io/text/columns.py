"""Columns of numbers in text, below a header: what most beamlines write.

Requirements
- Whatever separates numbers (spaces, tabs, commas, semicolons), and whatever stands in
  front of header lines.
- Names come from the last header line if it has as many words as there are columns.
- A last line that is only half written is left out; any other one that does not fit
  is an error that names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from daisy_kernel.io.text.scan import Column, Table
from daisy_kernel.model.errors import FileDamaged, FormatNotSupported

SUFFIXES = (".xmu", ".nor", ".chi", ".dat", ".txt", ".asc", ".csv", ".tsv", ".xy")
_MOST_BYTES = 128 << 20
_LOOKED_AT = 64 << 10
_LONGEST_HEADER = 400  # lines
_COMMENT = ("#", "%", ";", "!", "*")
_BETWEEN = re.compile(r"[\s,;]+")
# Fortran writes the exponent with a D
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?|[+-]?(nan|inf)", re.I)
_ENERGY = re.compile(r"^(energy|energ|e|ev|mono_?energy|egy)$", re.I)
_K = re.compile(r"^k$", re.I)
_MU = re.compile(r"^(mu|xmu|mutrans|mufluor|mu_?e|norm|flat)$|^mu\(e\)$", re.I)
_UNIT = re.compile(r"^(?P<name>.+?)\s*[(\[](?P<unit>[^)\]]+)[)\]]$")
# Athena and feffit: "#%cols: 612 E XMU I0"
_COLS = re.compile(r"^%cols:\s*\d+\s+(?P<names>.+)$")
_FIELD = re.compile(r"^%?(?P<name>[A-Za-z][\w .]{0,40}?)\s*[:=]\s*(?P<value>.*)$")
_LEAST_ROWS = 2
_LEAST_COLUMNS = 2

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Lines:
    """Text in two parts: the header without its signs, and rows of numbers."""

    header: tuple[str, ...]
    numbers: Numbers


def is_columns(path: Path) -> bool:
    """Whether a file begins with a header, if any, and rows of as many numbers."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
    if b"\0" in start:
        return False
    lines = start.decode("latin-1").splitlines()
    rows = [_row(line) for line in lines[: _LONGEST_HEADER + _LEAST_ROWS]]
    counts = [len(row) for row in rows if row is not None]
    return (
        len(counts) >= _LEAST_ROWS
        and counts[0] >= _LEAST_COLUMNS
        and counts[0] == counts[1]
    )


def read_columns(path: Path) -> Table:
    """Read a file of columns; the first one is the axis of the others."""
    lines = split(path, text_of(path))
    names = _names(lines.header, lines.numbers.shape[1])
    attrs: dict[str, object] = {}
    for line in lines.header:
        found = _FIELD.match(line)
        if found and found["value"].strip():
            attrs.setdefault(found["name"].strip(), found["value"].strip())
    if lines.header:
        attrs["header"] = "\n".join(lines.header)
    return table_of(names, [None] * len(names), lines.numbers, attrs)


def text_of(path: Path) -> str:
    """Read a text of bounded size; letters of any encoding are taken."""
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise FormatNotSupported(
            str(path),
            f"text of {size >> 20} MiB is not read whole, "
            f"{_MOST_BYTES >> 20} MiB are the most: write it as HDF5",
        )
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def split(path: Path, text: str) -> Lines:
    """Split a text into its header and its numbers.

    Raises
    ------
    FileDamaged
        A row has another number of columns than the first one; it is named.
    """
    header: list[str] = []
    rows: list[list[float]] = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        row = _row(line)
        if row:
            if rows and len(row) != len(rows[0]):
                if number == len(lines) and not text.endswith("\n"):
                    break  # it is being written
                raise FileDamaged(
                    str(path),
                    f"line {number} has {len(row)} numbers, those before have "
                    f"{len(rows[0])}",
                )
            rows.append(row)
        elif line.strip() and not rows:
            header.append(_bare(line))
        elif line.strip() and not _is_comment(line):
            if number == len(lines) and not text.endswith("\n"):
                break
            raise FileDamaged(
                str(path), f"line {number} is no row of numbers: {line.strip()[:60]!r}"
            )
    if not rows:
        raise FileDamaged(str(path), "there are no rows of numbers below the header")
    return Lines(tuple(header), np.array(rows, np.float64))


def table_of(
    names: Sequence[str],
    units: Sequence[str | None],
    numbers: Numbers,
    attrs: dict[str, object],
) -> Table:
    """Make columns over the first one, or over that of the energy."""
    axis = next((n for n in names if _ENERGY.match(n) or _K.match(n)), names[0])
    columns: dict[str, Column] = {}
    for name, unit, values in zip(names, units, numbers.T, strict=True):
        bare, within = _unit(name)
        known = (
            unit or within or ("eV" if name == axis and _is_ev(name, values) else None)
        )
        columns[bare] = Column(
            values,
            {"units": known} if known else {},
            None if name == axis else _unit(axis)[0],
            # 7112 can only be eV, but nobody has written it
            (f"{bare}: the file names no unit, eV is assumed",)
            if known and not unit and not within
            else (),
        )
    others = [name for name in columns if name != _unit(axis)[0]]
    best = [name for name in others if _MU.match(name)]
    rest = [name for name in others if name not in best]
    return Table(columns, {}, attrs, (*best, *rest))


def unique(names: Iterable[str]) -> list[str]:
    """Put numbers behind names that occur again; a slash would be another group."""
    found: list[str] = []
    for name in names:
        plain = name.replace("/", "%")
        count = sum(f == plain or f.startswith(f"{plain}_") for f in found)
        found.append(f"{plain}_{count + 1}" if plain in found else plain)
    return found


def _row(line: str) -> list[float] | None:
    words = [word for word in _BETWEEN.split(line.strip()) if word]
    if not words or not all(_NUMBER.fullmatch(word) for word in words):
        return None
    return [float(word.replace("D", "E").replace("d", "e")) for word in words]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(_COMMENT)


def _bare(line: str) -> str:
    text = line.strip()
    while text.startswith(_COMMENT) and not text.startswith("%"):
        text = text[1:]
    return text.strip()


def _names(header: Sequence[str], count: int) -> list[str]:
    """Find names: of the last header line, else of the line that lists columns."""
    for line in reversed(header):
        words = _words(line)
        if not words or not any(re.search(r"[A-Za-z]", word) for word in words):
            continue  # a line of dashes
        if len(words) == count:
            return unique(words)
        break
    for line in header:
        found = _COLS.match(line)
        if found and len(found["names"].split()) == count:
            return unique(found["names"].split())
    return [f"column_{number + 1}" for number in range(count)]


def _words(line: str) -> list[str]:
    text = line.lstrip("%").strip()
    for between in (r"\t+", r"\s*[,;]\s*", r"\s{2,}", r"\s+"):
        words = [word.strip() for word in re.split(between, text) if word.strip()]
        if len(words) > 1:
            return words
    return [text] if text else []


def _unit(name: str) -> tuple[str, str | None]:
    found = _UNIT.match(name)
    return (found["name"], found["unit"]) if found else (name, None)


def _is_ev(name: str, values: Numbers) -> bool:
    """Whether an energy without a unit can only be in eV: no edge is below 100 keV."""
    lowest, highest = 100, 150_000
    return bool(_ENERGY.match(name)) and bool(
        np.all((values > lowest) & (values < highest))
    )

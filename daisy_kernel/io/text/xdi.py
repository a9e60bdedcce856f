"""XDI, the XAS Data Interchange: named columns with units, and fields by family.

What is measured is drawn: an absorption that the file holds, else the one that its
columns give by their names. Nothing is taken by its position.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from daisy_kernel.io.text.columns import Numbers, split, table_of, text_of, unique
from daisy_kernel.io.text.scan import Column, Table
from daisy_kernel.model.errors import FileDamaged

_VERSION = re.compile(r"^#\s*XDI/(?P<version>\d+(\.\d+)*)")
_FIELD = re.compile(r"^(?P<family>[A-Za-z]\w*)\.(?P<name>[\w-]+):\s*(?P<value>.*)$")
_COLUMN = re.compile(r"^Column\.(?P<number>\d+):\s*(?P<text>.*)$", re.I)
_COMMENTS = re.compile(r"^/{3,}$")
_END = re.compile(r"^-{3,}$")
_ABSORPTION = ("mutrans", "mufluor", "mu", "normtrans", "normfluor", "murefer")


def is_xdi(path: Path) -> bool:
    """Whether a file begins as the specification says."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return bool(_VERSION.match(file.read(64).decode("latin-1")))


def read_xdi(path: Path) -> Table:
    """Read columns and fields."""
    text = text_of(path)
    lines = split(path, text)
    fields, labels, comments = _header(lines.header)
    count = lines.numbers.shape[1]
    if labels and (max(labels) > count or min(labels) < 1):
        raise FileDamaged(
            str(path), f"its header names column {max(labels)}, the rows have {count}"
        )
    named = [labels.get(number + 1, ("", None)) for number in range(count)]
    names = unique(name or f"column_{i + 1}" for i, (name, _) in enumerate(named))
    table = table_of(names, [unit for _, unit in named], lines.numbers, {})
    columns = {**table.columns, **_derived(table, lines.numbers)}
    first = [name for name in _ABSORPTION if name in columns]
    rest = [name for name in table.signals if name not in first]
    version = _VERSION.match(text)
    attrs: dict[str, object] = {"XDI": version["version"] if version else ""}
    if comments:
        attrs["comments"] = "\n".join(comments)
    groups = {family: Table(attrs=values) for family, values in fields.items()}
    free = {name: group for name, group in groups.items() if name not in columns}
    return Table(columns, free, attrs, (*first, *rest))


def _header(
    lines: tuple[str, ...],
) -> tuple[dict[str, dict[str, str]], dict[int, tuple[str, str | None]], list[str]]:
    """Sort the header: fields by family, names and units of columns, comments."""
    fields: dict[str, dict[str, str]] = {}
    labels: dict[int, tuple[str, str | None]] = {}
    comments: list[str] = []
    in_comments = False
    for line in lines[1:]:
        column, found = _COLUMN.match(line), _FIELD.match(line)
        if _COMMENTS.match(line):
            in_comments = True
        elif _END.match(line):
            break  # the labels below it are those of the columns again
        elif in_comments:
            comments.append(line)
        elif column:
            labels[int(column["number"])] = _label(column["text"])
        elif found:
            family = fields.setdefault(found["family"], {})
            family.setdefault(found["name"], found["value"].partition("||")[0].strip())
    return fields, labels, comments


def _label(text: str) -> tuple[str, str | None]:
    """Understand `energy eV || name of a process variable`."""
    words = text.partition("||")[0].split()
    return (words[0] if words else "", words[1] if len(words) > 1 else None)


def _derived(table: Table, numbers: Numbers) -> dict[str, Column]:
    """Give the absorption that columns give by their names, if none is there."""
    if any(name in table.columns for name in _ABSORPTION):
        return {}
    found = {name.lower(): name for name in table.columns}
    i0 = found.get("i0")
    axis = next((c.axis for c in table.columns.values() if c.axis), None)
    itrans = next((found[n] for n in ("itrans", "i1", "it") if n in found), None)
    ifluor = next((found[n] for n in ("ifluor", "if", "ifl") if n in found), None)
    if i0 is None or (itrans is None and ifluor is None):
        return {}
    with np.errstate(divide="ignore", invalid="ignore"):
        incoming = table.columns[i0].values
        if itrans is not None:
            values = np.log(incoming / table.columns[itrans].values)
            note = f"mutrans is ln({i0}/{itrans}) of the columns"
            return {"mutrans": Column(values, {"note": note}, axis, (note,))}
        values = table.columns[str(ifluor)].values / incoming
        note = f"mufluor is {ifluor}/{i0} of the columns"
        return {"mufluor": Column(values, {"note": note}, axis, (note,))}

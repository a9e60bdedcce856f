"""What a notebook shows for a scan, a group and a dataset: plain, safe HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from daisy_kernel.model.nodes import Child
from daisy_kernel.model.text import describe_array, format_bytes, plain

if TYPE_CHECKING:
    from daisy_kernel.model.data import DataObject
    from daisy_kernel.model.dataset import Dataset
    from daisy_kernel.model.scan import Group, Scan

# a tree in a notebook is for a look; the Data sidebar pages through all of it
_MEMBERS, _DEPTH, _LINES = 30, 4, 200
_BAD = ("missing", "outside", "loop")


def scan_html(scan: Scan) -> str:
    """Show name, default plot, notes, what is missing, and the tree."""
    signal = scan.signal
    head = _title(scan.path.rsplit("/", 1)[-1], scan.path)
    rows = [("format", scan.format)]
    if signal is not None:
        size = f"{describe_array(signal.shape, signal.dtype)}{_units(signal)}"
        rows.append(("default plot", f"{signal.path or signal.name}: {size}"))
    rows += [("note", note) for note in scan.notes]
    rows += [("missing", str(problem)) for problem in scan.missing[:10]]
    return f"<div>{head}{_table(rows)}{group_html(scan.root)}</div>"


def group_html(group: Group) -> str:
    """Show the tree below a group, to a limited depth and length."""
    lines: list[str] = []
    _tree(group, 0, lines)
    if len(lines) >= _LINES:
        lines.append("<i>... and more: see the Data sidebar</i>")
    title = escape(group.path or "/")
    return (
        f"<details open><summary><code>{title}</code></summary>"
        f'<pre style="line-height:1.3">{chr(10).join(lines)}</pre></details>'
    )


def dataset_html(dataset: Dataset) -> str:
    """Show shape, type, units, layout and attributes of a dataset."""
    rows = [
        ("shape", describe_array(dataset.shape, dataset.dtype) + _units(dataset)),
        ("axes", ", ".join(name or "-" for name in dataset.axes)),
        ("in memory", format_bytes(dataset.nbytes)),
    ]
    if dataset.stored_bytes is not None:
        rows.append(("on disk", format_bytes(dataset.stored_bytes)))
    if dataset.chunks:
        filters = ", ".join(dataset.filters) or "uncompressed"
        rows.append(("chunks", f"{' x '.join(map(str, dataset.chunks))}, {filters}"))
    rows += [("note", note) for note in dataset.notes]
    rows += [("missing", reason) for reason in dataset.missing_sources[:10]]
    rows += [(f"@{key}", str(plain(v))[:200]) for key, v in dataset.attrs.items()]
    title = _title(dataset.path or dataset.name, dataset.file)
    return f"<div>{title}{_table(rows)}</div>"


def data_html(found: DataObject) -> str:
    """Show shape, axes, units, geometry and origin of a data object."""
    units = f", {found.units}" if found.units else ""
    rows = [
        ("shape", describe_array(found.shape, found.dtype) + units),
        ("axes", ", ".join(name or "-" for name in found.axis_names)),
        ("in memory" if not found.is_lazy else "if read", format_bytes(found.nbytes)),
    ]
    rows += [(name, str(value)) for name, value in found.geometry.items()]
    if found.mask is not None:
        rows.append(("masked", f"{int(found.mask.sum())} of {found.mask.size}"))
    if found.positions:
        rows.append(("positions", ", ".join(found.positions)))
    rows += [("note", note) for note in found.notes]
    rows += [(key, value) for key, value in _origin(found) if value]
    return f"<div><b>DataObject</b>{_table(rows)}</div>"


def _origin(found: DataObject) -> list[tuple[str, str]]:
    origin = found.origin
    given = ", ".join(f"{k} = {v}" for k, v in origin.parameters.items())
    return [
        ("from", origin.source),
        ("made by", origin.algorithm),
        ("with", given),
        ("of", ", ".join(origin.inputs)),
    ]


def _tree(group: Group, depth: int, lines: list[str]) -> None:
    page = group.children(0, _MEMBERS)
    for child in page:
        if len(lines) >= _LINES:
            return
        lines.append("  " * depth + _line(child))
        if child.kind == "group" and depth + 1 < _DEPTH:
            below = group.get(child.name)
            if below is not None:
                _tree(below, depth + 1, lines)  # type: ignore[arg-type]
    if page.total > len(page):
        lines.append("  " * depth + f"<i>... {page.total - len(page)} more</i>")


def _line(child: Child) -> str:
    name, detail = escape(child.name), escape(child.detail)
    if child.kind in _BAD:
        return f"<s>{name}</s>  <b>{child.kind}</b>: {detail}"
    return f"{name}{'/' if child.kind == 'group' else ''}  <i>{detail}</i>"


def _title(name: str, where: str) -> str:
    return f"<b>{escape(name)}</b> <small>{escape(where)}</small>"


def _units(dataset: Dataset) -> str:
    return f", {dataset.units}" if dataset.units else ""


def _table(rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td style="text-align:left">{escape(key)}</td>'
        f'<td style="text-align:left">{escape(value)}</td></tr>'
        for key, value in rows
    )
    return f"<table>{cells}</table>"

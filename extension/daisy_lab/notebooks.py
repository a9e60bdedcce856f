"""The template gallery, and notebooks started from it or from a scan."""

import copy
import json
import os
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from daisy_lab.paths import Places
from daisy_lab.workers import WorkerFailed

KERNEL = {"name": "daisy", "display_name": "DAISY", "language": "python"}
_NAME = re.compile(r"[^\w.+-]+")


@dataclass(frozen=True)
class Template:
    """One entry of the gallery."""

    id: str
    title: str
    description: str
    file: Path
    technique: str
    parameters: dict[str, Any]


def folder() -> Path:
    """Return where the templates lie: in the wheel, or in the repository."""
    packed = Path(__file__).parent / "templates"
    if packed.is_dir():
        return packed
    return Path(__file__).parents[2] / "notebooks-templates"


def templates(place: Path | None = None) -> list[Template]:
    """Read the list of templates; an absent one is an empty gallery."""
    place = place or folder()
    index = place / "index.yaml"
    if not index.is_file():
        return []
    read = yaml.safe_load(index.read_text("utf-8")) or []
    entries = read.get("templates", []) if isinstance(read, dict) else read
    return [
        Template(
            id=str(entry["id"]),
            title=str(entry["title"]),
            description=str(entry.get("description", "")),
            file=place / str(entry["path"]),
            technique=str(entry.get("technique") or ""),
            parameters=_parameters(entry.get("parameters")),
        )
        for entry in entries
        if (place / str(entry["path"])).is_file()
    ]


def _parameters(given: Any) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    return {str(name): None for name in given or ()}


def from_template(template: Template, scan: str | None) -> dict[str, Any]:
    """Return the template as a new notebook, for *scan* where one is given."""
    notebook = json.loads(template.file.read_text("utf-8"))
    notebook = copy.deepcopy(notebook)
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    notebook.setdefault("metadata", {})["kernelspec"] = KERNEL
    for cell in notebook["cells"]:
        # an id of its own: outputs are found again by it
        cell["id"] = uuid.uuid4().hex[:12]
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        if scan and "parameters" in cell.get("metadata", {}).get("tags", []):
            cell["source"] = fill_in(_text(cell["source"]), scan)
    return dict(notebook)


def fill_in(source: str, scan: str) -> str:
    """Put the path of a scan into the parameters cell.

    >>> fill_in('scan_path = "demo.nxs"  # the scan', "B7/2026-0042/raw/a.nxs")
    'scan_path = "B7/2026-0042/raw/a.nxs"  # the scan'
    """
    literal = json.dumps(scan, ensure_ascii=False)
    pattern = r"^(scan(?:_path)?\s*(?::[^=\n]+)?=\s*)(?:\"[^\"\n]*\"|'[^'\n]*'|None)"
    filled, count = re.subn(
        pattern, lambda m: m.group(1) + literal, source, count=1, flags=re.MULTILINE
    )
    return filled if count else f"scan_path = {literal}\n{source}"


def for_scan(title: str, code: str) -> dict[str, Any]:
    """Return a small notebook that begins with what a page shows."""
    cells = ("import daisy_kernel as daisy", code)
    fresh: dict[str, Any] = {"outputs": [], "execution_count": None}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": KERNEL},
        "cells": [
            _cell("markdown", f"# {title}"),
            *(_cell("code", source) | fresh for source in cells),
        ],
    }


def _cell(kind: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": kind,
        "id": uuid.uuid4().hex[:12],
        "metadata": {},
        "source": source,
    }


def line_of_code(scan: str, node: str, index: list[int | None]) -> str:
    """Return the line that reads what a page shows; None is a whole axis.

    >>> line_of_code("B7/2026-0042/raw/a.nxs", "entry/data/data", [12, None])
    'daisy.open("B7/2026-0042/raw/a.nxs")["entry/data/data"][12]'
    >>> line_of_code("a.nxs", "data", [None, 512, None])
    'daisy.open("a.nxs")["data"][:, 512]'
    """
    line = f"daisy.open({json.dumps(scan, ensure_ascii=False)})"
    if node:
        line += f"[{json.dumps(node, ensure_ascii=False)}]"
    named = index[:]
    while named and named[-1] is None:
        named.pop()
    if named:
        line += f"[{', '.join(':' if i is None else str(i) for i in named)}]"
    return line


def place_for(places: Places, file: Path | None) -> Path:
    """Return the folder a new notebook belongs to.

    That is `processed/notebooks` of the scan's proposal; without a scan the one
    of the first proposal that can be written; without any, the home folder.
    """
    proposal = None if file is None else places.proposal_of(file)
    if proposal is not None:
        return _ready(proposal / "processed" / "notebooks", proposal)
    if file is None and places.data.is_dir():
        for candidate in sorted(places.data.glob("*/*/processed")):
            if os.access(candidate, os.W_OK):
                return _ready(candidate / "notebooks", candidate.parent)
    return places.home


def _ready(target: Path, proposal: Path) -> Path:
    try:
        target.mkdir(parents=True, exist_ok=True)
        writable = os.access(target, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise WorkerFailed(
            422,
            "NotWritable",
            f"{target} cannot be written. Ask the beamline scientist for write "
            f"access to the processed folder of {proposal.name}, or save a copy of "
            "the notebook in your home folder.",
        )
    return target


def write_new(target: Path, name: str, notebook: dict[str, Any]) -> Path:
    """Write a notebook under a name that is free, and return the file."""
    base = _NAME.sub("-", name).strip("-.") or "notebook"
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    number = 0
    while True:
        file = target / (f"{base}-{number}.ipynb" if number else f"{base}.ipynb")
        try:
            with file.open("x", encoding="utf-8") as stream:
                stream.write(text)
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            raise WorkerFailed(
                422, "NotWritable", f"{file} cannot be written: {error.strerror}"
            ) from error
        return file


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)

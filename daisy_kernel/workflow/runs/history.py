"""How a result was made: as text, as a paragraph for a paper, and once more."""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from daisy_kernel.io.open import locate, open_scan
from daisy_kernel.model import Scan
from daisy_kernel.model.errors import DataError, InputMissing
from daisy_kernel.workflow.files import from_yaml
from daisy_kernel.workflow.runs.notes import read_note
from daisy_kernel.workflow.runs.results import read_json, read_text
from daisy_kernel.workflow.runs.run import Run
from daisy_kernel.workflow.runs.start import run


class History:
    """How a result was made."""

    def __init__(self, path: Path, about: Mapping[str, Any], run: Mapping[str, Any]):
        self.path, self.about, self.run = path, about, run

    @property
    def text(self) -> str:
        """All of it, line by line."""
        return "\n".join(self._lines())

    @property
    def methods(self) -> str:
        """A paragraph for the methods section."""
        versions = self.run["versions"]
        steps = [_sentence(step) for step in self.run["steps"]]
        files = self._files()
        source = f" from {Path(files[0]['path']).name}" if files else ""
        return (
            f"The result {self.about['name']!r} was computed{source} with DAISY "
            f"(daisy-kernel {versions.get('daisy-kernel', '?')}, Python "
            f"{versions.get('python', '?')}) by the workflow "
            f"{self.run['title'] or self.run['workflow']!r}. " + " ".join(steps)
        )

    def _files(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for given in self.run["inputs"].values():
            found += given.get("identity", {}).get("files", [])
        return found

    def _lines(self) -> list[str]:
        run = self.run
        lines = [
            f"{self.path}",
            f"  {self.about['name']}, made {run['created']} by {run['user']} on "
            f"{run['host']} ({run['engine']})",
            f"  workflow: {run['title'] or run['workflow']}",
        ]
        # of the run's folder: what is in the result is the one it began with
        if note := read_note(self.path.parent, run["note"]):
            lines.append(f"  note: {note}")
        lines += dict.fromkeys(  # several objects may be in one file
            f"  input: {file['path']}, {file['size']} bytes, of {file['modified']}"
            for file in self._files()
        )
        for number, step in enumerate(run["steps"], 1):
            given = ", ".join(f"{k} = {v}" for k, v in step["parameters"].items())
            takes, makes = ", ".join(step["takes"].values()), ", ".join(step["makes"])
            lines.append(f"  {number}. {step['algorithm']}: {takes} -> {makes}")
            if given:
                lines.append(f"       {given}")
        versions = ", ".join(f"{k} {v}" for k, v in run["versions"].items())
        digests = ", ".join(f"{k} {v[:12]}" for k, v in run["environment"].items())
        return [*lines, f"  versions: {versions}", f"  environment: {digests}"]

    def __repr__(self) -> str:
        return f"{self.text}\n\n{self.methods}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text)}</pre><p>{escape(self.methods)}</p>"


def history(of: str | os.PathLike[str] | Run) -> History:
    """Say how a result was made.

    Parameters
    ----------
    of
        File of a result, or a run.

    Raises
    ------
    InputMissing
        The file does not say.
    """
    path = _file(of)
    with open_scan(path) as scan:
        try:
            return History(path, read_json(scan, "object"), read_json(scan, "run"))
        except (DataError, ValueError) as error:
            raise InputMissing(
                f"{path} does not say how it was made: it is no result of daisy.run"
            ) from error


def rerun(
    of: str | os.PathLike[str] | Run,
    scan: Scan | str | os.PathLike[str] | None = None,
    **more: Any,
) -> Run:
    """Do once more what has made a result.

    Parameters
    ----------
    of
        File of a result, or a run.
    scan
        Another scan; that of the result by default.
    more
        Other parameters of `daisy.run`, and objects that were not in files.

    Raises
    ------
    InputMissing, WorkflowError, DataError
    """
    path = _file(of)
    made = history(path)
    with open_scan(path) as opened:
        text = read_text(opened, "workflow")
    workflow = from_yaml(text, str(path))
    given: Any = scan
    kinds = {entry["kind"] for entry in made.run["inputs"].values()}
    if given is None and kinds & {"scan", "signal"}:
        given = made.run["scan"]
    return run(workflow, given, **more)


def _file(of: str | os.PathLike[str] | Run) -> Path:
    if not isinstance(of, Run):
        return locate(of)
    for path in of.files.values():
        return path
    raise InputMissing(f"{of.folder} has no results ({of.state})")


def _sentence(step: Mapping[str, Any]) -> str:
    """Say what an algorithm did, with its parameters and their units."""
    said = str(step["summary"]).rstrip(".") or step["algorithm"]
    units = step.get("units", {})
    given = ", ".join(
        f"{name.replace('_', ' ')} {value}{' ' + units[name] if name in units else ''}"
        for name, value in step["parameters"].items()
        if value is not None
    )
    return f"{said} ({given})." if given else f"{said}."

"""All runs of a proposal, or of all that one sees, by whomever."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import platformdirs

from daisy_kernel.catalog.proposals import folders, proposals
from daisy_kernel.io.open import data_folder, locate
from daisy_kernel.io.results import results_folder
from daisy_kernel.model.errors import ParameterRefused
from daisy_kernel.workflow.runs.place import runs_in
from daisy_kernel.workflow.runs.run import Run
from daisy_kernel.workflow.runs.table import html_table, text_table

_SHOWN = 50
_COLUMNS = ("state", "run", "workflow", "by", "when", "note")


class Runs(Sequence[Run]):
    """Runs, the newest first."""

    def __init__(self, found: list[Run]) -> None:
        self._runs = sorted(found, key=lambda run: run.record.created, reverse=True)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> Runs: ...
    def __getitem__(self, index: Any) -> Any:
        found = self._runs[index]
        return Runs(found) if isinstance(index, slice) else found

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        lines = text_table(_COLUMNS, map(_row, self._runs[:_SHOWN]))
        return "\n".join([*lines, *_more(len(self))])

    def _repr_html_(self) -> str:
        table = html_table(_COLUMNS, map(_row, self._runs[:_SHOWN]))
        return table + "".join(f"<p>{text}</p>" for text in _more(len(self)))


def runs(of: str | os.PathLike[str] | None = None) -> Runs:
    """List runs.

    Parameters
    ----------
    of
        A proposal ("B7/2026-0042") or a scan; by default all proposals that one sees,
        and one's own runs that lie in none.

    Raises
    ------
    FileMissing
        There is no such proposal or scan.
    """
    places = _every_place() if of is None else _places_of(locate(of))
    return Runs([Run(folder) for place in places for folder, _ in runs_in(place)])


def _places_of(path: Path) -> Iterator[Path]:
    if (path / "raw").is_dir() or (path / "processed").is_dir():
        yield from folders(path / "processed")
        return
    try:
        yield results_folder(str(path))
    except ParameterRefused:
        yield path


def _every_place() -> Iterator[Path]:
    for proposal in proposals(data_folder()):
        yield from folders(Path(proposal.path) / "processed")
    yield from folders(platformdirs.user_data_path("daisy") / "runs")


def _row(run: Run) -> tuple[str, ...]:
    record = run.record
    return (
        run.state,
        f"{run.folder.parent.name}/{run.name}",
        record.title or record.workflow,
        record.user,
        record.created.replace("T", " ")[:16],
        run.note,
    )


def _more(count: int) -> list[str]:
    return [f"... and {count - _SHOWN} more"] if count > _SHOWN else []

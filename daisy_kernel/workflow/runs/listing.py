"""All runs of a proposal, or of all that one sees, by whomever."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import platformdirs

from daisy_kernel.catalog.proposals import proposals
from daisy_kernel.io.open import data_folder, locate
from daisy_kernel.io.results import results_folder
from daisy_kernel.model.errors import ParameterRefused
from daisy_kernel.workflow.runs.finding import find
from daisy_kernel.workflow.runs.index import Entry, index_of
from daisy_kernel.workflow.runs.run import Run
from daisy_kernel.workflow.runs.table import html_table, text_table

_SHOWN = 50
_COLUMNS = ("state", "run", "workflow", "by", "when", "note")


class Runs(Sequence[Run]):
    """Runs, the newest first; each is read when it is asked for."""

    def __init__(self, found: list[Entry]) -> None:
        self._runs = found

    def find(self, text: str) -> Runs:
        """Give those of which all words are true, like "tomography by:anna state:done".

        Raises
        ------
        SearchNotUnderstood
            There is no such field; the message names those there are.
        """
        return Runs(find(self._runs, text))

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> Runs: ...
    def __getitem__(self, index: Any) -> Any:
        found = self._runs[index]
        return Runs(found) if isinstance(index, slice) else Run(found.path)

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        lines = text_table(_COLUMNS, map(_row, self._runs[:_SHOWN]))
        return "\n".join([*lines, *_more(len(self))])

    def _repr_html_(self) -> str:
        shown = self._runs[:_SHOWN]
        pictures = (Run(entry.path).thumbnail for entry in shown)
        table = html_table(_COLUMNS, map(_row, shown), pictures)
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
    if of is None:
        found = [entry for root in _every_root() for entry in index_of(root).look()]
        return Runs(sorted(found, key=lambda run: run.created, reverse=True))
    path = locate(of)
    if (path / "raw").is_dir() or (path / "processed").is_dir():
        return Runs(index_of((path / "processed").resolve()).look())
    place = _place_of(path).resolve()
    return Runs(index_of(place.parent).look([place.name]))


def _place_of(scan: Path) -> Path:
    try:
        return results_folder(str(scan))
    except ParameterRefused:
        return scan


def _every_root() -> Iterator[Path]:
    for proposal in proposals(data_folder()):
        yield (Path(proposal.path) / "processed").resolve()
    yield (platformdirs.user_data_path("daisy") / "runs").resolve()


def _row(run: Entry) -> tuple[str, ...]:
    return (
        run.state,
        "/".join(run.path.rsplit("/", 2)[1:]),
        run.title or "its record cannot be read",
        run.user,
        run.created.replace("T", " ")[:16],
        run.note,
    )


def _more(count: int) -> list[str]:
    return [f"... and {count - _SHOWN} more"] if count > _SHOWN else []

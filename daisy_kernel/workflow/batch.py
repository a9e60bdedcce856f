"""One workflow or notebook for many scans: some at once, the failed ones again."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from daisy_kernel.io.open import locate
from daisy_kernel.io.writing.publishing import refused
from daisy_kernel.model.errors import DaisyError, RunStopped
from daisy_kernel.workflow.runs.notebook import submit_notebook
from daisy_kernel.workflow.runs.record import ENDED
from daisy_kernel.workflow.runs.run import Run
from daisy_kernel.workflow.runs.start import EngineChoice
from daisy_kernel.workflow.runs.submit import start_runner, submit
from daisy_kernel.workflow.runs.table import html_table, text_table

_LOOK_EVERY = 0.3
_COLUMNS = ("scan", "state", "run", "seconds", "problem")
Submit = Callable[[Path], Run]


@dataclass
class Entry:
    """One scan of a batch.

    Attributes
    ----------
    run
        None before it has begun, or if it could not.
    tries
        How often it was begun.
    """

    scan: Path
    run: Run | None = None
    problem: str = ""
    tries: int = 0

    @property
    def state(self) -> str:
        """How its run is; "waiting" before, "refused" if it could not begin."""
        if self.run is not None:
            return self.run.state
        return "refused" if self.problem else "waiting"


class Batch(Sequence[Entry]):
    """A table of scans and their runs.

    It is carried out by `batch`, which comes back when all have ended. Interrupted, the
    runs that have begun go on; `batch` once more begins those that are left.
    """

    def __init__(self, scans: Iterable[Path], title: str) -> None:
        self.title = title
        self._entries = [Entry(scan) for scan in scans]

    @property
    def states(self) -> Counter[str]:
        """How many runs are in which state."""
        return Counter(entry.state for entry in self._entries)

    @property
    def failed(self) -> list[Entry]:
        """Those that did not come to a good end."""
        return [e for e in self if e.state in ("failed", "stopped", "lost", "refused")]

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Give the table, line by line."""
        for entry in self:
            run = entry.run
            took = f"{run.progress.seconds:.1f}" if run is not None else ""
            problem = entry.problem or (run.error if run is not None else "")
            name = run.name if run is not None else ""
            yield entry.scan.name, entry.state, name, took, problem

    def __getitem__(self, index: Any) -> Any:
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return "\n".join(text_table(_COLUMNS, self.rows()))

    def _repr_html_(self) -> str:
        runs = (entry.run for entry in self)
        pictures = (run.thumbnail if run is not None else b"" for run in runs)
        return html_table(_COLUMNS, self.rows(), pictures)

    def page(self) -> str:
        """Give the summary as a page that stands alone."""
        counts = ", ".join(f"{n} {state}" for state, n in self.states.items())
        return (
            f"<!doctype html><meta charset=utf-8><title>{escape(self.title)}</title>"
            "<style>body{font:15px sans-serif;margin:2em}td,th{text-align:left;"
            "padding:.3em .8em;vertical-align:middle}img{height:96px}</style>"
            f"<h1>{escape(self.title)}</h1><p>{counts}</p>{self._repr_html_()}"
        )


def batch(
    what: Any,
    scans: Iterable[Any],
    *,
    at_once: int = 1,
    retry: int = 1,
    parameters: Mapping[str, Any] | None = None,
    engine: EngineChoice = "local",
    note: str = "",
    page: str | os.PathLike[str] | None = None,
    show: Callable[[Batch], None] | None = None,
    **objects: Any,
) -> Batch:
    """Run a workflow or a notebook for many scans.

    What was run before with the same inputs is not run again, so a batch that was
    interrupted goes on when it is started once more.

    Parameters
    ----------
    what
        A workflow or algorithm, or the path of a notebook with a cell tagged
        `parameters`, whose `scan_path` is set to each scan.
    scans
        Paths, or what `daisy.search` finds.
    at_once
        Runs at a time, each in a process of its own; with the engine "gateway" all on
        the user's cluster.
    retry
        How often a run that failed or got lost is begun again.
    parameters, engine, note, objects
        As for `daisy.submit`.
    page
        HTML file for the summary with pictures; written anew while it goes on.
    show
        Called with the batch now and then; writes a line by default.

    Returns
    -------
    :
        The table, when all have ended; those that failed are in `failed`.

    Raises
    ------
    FileMissing
        A scan or the notebook is not there; nothing has begun then.
    """
    paths = [locate(getattr(scan, "path", scan)) for scan in scans]
    is_notebook = isinstance(what, str | os.PathLike)
    title = Path(what).name if is_notebook else getattr(what, "name", "batch")
    made = Batch(paths, str(title))

    def begin(scan: Path) -> Run:
        if is_notebook:
            return submit_notebook(what, scan, parameters=parameters, note=note)
        return submit(
            what, scan, engine=engine, parameters=parameters, note=note, **objects
        )

    report = show or _line()
    while _advance(made, begin, at_once, retry):
        report(made)
        _write_page(made, page)
        time.sleep(_LOOK_EVERY)
    report(made)
    _write_page(made, page)
    return made


def _advance(made: Batch, begin: Submit, at_once: int, retry: int) -> bool:
    """Begin what can be begun; gives whether anything is left."""
    busy = [e for e in made if e.state in ("waiting", "running") and e.run is not None]
    for entry in made:
        if len(busy) >= at_once:
            break
        again = entry.tries <= retry and entry.state in ("failed", "lost")
        if entry.run is not None and not again:
            continue
        if entry.run is None and entry.problem:
            continue
        _begin(entry, begin)
        if entry.run is not None and entry.state not in ENDED:
            busy.append(entry)
    return any(_is_open(entry, retry) for entry in made)


def _begin(entry: Entry, begin: Submit) -> None:
    entry.tries += 1
    try:
        if entry.run is not None and entry.state == "lost":
            start_runner(entry.run.folder)
        else:
            entry.run = begin(entry.scan)
    except (DaisyError, OSError) as error:
        if isinstance(error, RunStopped):
            raise
        entry.problem = str(error)


def _is_open(entry: Entry, retry: int) -> bool:
    if entry.state in ("waiting", "running"):
        return True
    return entry.state in ("failed", "lost") and entry.tries <= retry


def _write_page(made: Batch, page: str | os.PathLike[str] | None) -> None:
    if page is None:
        return
    path = Path(page).expanduser()
    temporary = path.with_name(f".{path.name}.part")
    with refused(path):
        temporary.write_text(made.page())
        os.replace(temporary, path)


def _line() -> Callable[[Batch], None]:
    before = [""]

    def show(made: Batch) -> None:
        counts = ", ".join(f"{n} {state}" for state, n in sorted(made.states.items()))
        line = f"{made.title}: {counts} of {len(made)}"
        if line != before[0]:
            sys.stdout.write(f"\r{line.ljust(len(before[0]))}")
            sys.stdout.flush()
            before[0] = line
        if all(entry.state not in ("waiting", "running") for entry in made):
            sys.stdout.write("\n")

    return show

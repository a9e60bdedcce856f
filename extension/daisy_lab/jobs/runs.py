"""Jobs on runs: which there are, how they go; to stop, go on with or note one."""

import os
from collections.abc import Mapping
from pathlib import Path

from daisy_kernel.catalog import proposal_of
from daisy_kernel.model.errors import DaisyError
from daisy_kernel.workflow.runs import Run
from daisy_kernel.workflow.runs.finding import find
from daisy_kernel.workflow.runs.notes import is_own
from daisy_kernel.workflow.runs.record import STOP, Progress
from daisy_kernel.workflow.runs.run import state_of
from daisy_kernel.workflow.runs.submit import why_not
from daisy_kernel.workflow.turning import TURNED
from daisy_lab.jobs import runfiles
from daisy_lab.jobs.runwords import how_it_goes, number
from daisy_lab.jobs.values import Json, Result, plain

MOST_CAPTION = 200
RUNNING = ("waiting", "running")
# what a record of any content may end in, where it was not written by DAISY
UNREADABLE = (DaisyError, OSError, TypeError, ValueError, AttributeError, KeyError)


def runs(
    proposals: list[str], roots: list[str], offset: int, limit: int, filter: str
) -> Result:
    """List a page of the runs of proposals that a search finds, the newest first."""
    every = [run for path in proposals for run in runfiles.runs_of(Path(path), roots)]
    every.sort(key=lambda run: run.created, reverse=True)
    found = find(every, filter)
    page = found[offset : offset + limit]
    items = [_told_or_problem(Path(entry.path), roots) for entry in page]
    return {"items": items, "total": len(found), "offset": offset}, b""


def run(path: str, roots: list[str]) -> Result:
    """Tell all of one run, with the end of its log."""
    found = runfiles.open_run(Path(path), roots)
    record, progress = found.record, found.progress
    told = told_run(found, roots)
    told["log"] = runfiles.end_of_log(found.folder)
    told["may_note"] = is_own(found.folder, record)
    told["stays"] = why_not(found)
    told["notes"] = plain(progress.notes)
    told["engine"] = _engine(record.engine)
    told["host"] = str(record.host)
    told["versions"] = {str(k): str(v) for k, v in dict(record.versions).items()}
    told["inputs"] = _inputs(found)
    told["steps"] = [_step(found, dict(step)) for step in _steps(found)]
    return told, b""


def run_picture(path: str, roots: list[str]) -> Result:
    """Give the picture of a run; b"" where there is none."""
    found = runfiles.open_run(Path(path), roots)
    return None, runfiles.picture(found.folder)


def stop_run(path: str, roots: list[str]) -> Result:
    """Ask a run to stop."""
    found = runfiles.open_run(Path(path), roots)
    if found.state in RUNNING and not (found.folder / STOP).is_symlink():
        try:
            found.stop()
        except PermissionError as error:
            whose = found.record.user or "somebody else"
            raise PermissionError(
                f"{found.name} was started by {whose}, and you may not write in its "
                "folder: it is not stopped"
            ) from error
    return told_run(found, roots), b""


def go_on_run(path: str, roots: list[str]) -> Result:
    """Start a run again that has ended without being done."""
    found = runfiles.open_run(Path(path), roots)
    found.go_on()
    return told_run(found, roots), b""


def note_run(path: str, roots: list[str], note: str) -> Result:
    """Change the note of a run."""
    found = runfiles.open_run(Path(path), roots)
    found.note = note
    return told_run(found, roots), b""


def told_run(found: Run, roots: list[str]) -> Json:
    """Tell of a run what stands in a list."""
    record, folder, progress = found.record, found.folder, found.progress
    stopping = os.path.lexists(folder / STOP)
    return {
        "path": str(folder),
        "name": found.name,
        "title": str(record.title or record.workflow),
        "scan": _scan_of(found, roots),
        "user": str(record.user),
        "created": str(record.created),
        "note": str(found.note),
        "picture": runfiles.picture_tag(folder),
        "caption": str(progress.caption)[:MOST_CAPTION],
        "files": _files(folder, progress),
        **how_it_goes(state_of(folder, progress), progress, stopping),
    }


def _told_or_problem(folder: Path, roots: list[str]) -> Json:
    """Tell of a run, or what is wrong with its record: the others are listed too."""
    try:
        return told_run(runfiles.open_run(folder, roots), roots)
    except UNREADABLE as error:
        scan = {"name": folder.parent.name, "path": ""}
        return {
            "path": str(folder), "name": folder.name, "title": "", "scan": scan,
            "user": "", "created": "", "note": "", "picture": "", "caption": "",
            "files": [],
            "state": "lost", "stopping": False, "words": "its record cannot be read",
            "part": 0.0, "left": None, "seconds": 0.0, "rate": 0.0,
            "error": str(error),
        }  # fmt: skip


def _scan_of(found: Run, roots: list[str]) -> Json:
    """Name the scan of a run, and where it is for whoever looks.

    Accounts see a proposal at different places: only what follows `raw` is common.
    """
    name = found.folder.parent.name
    parts = Path(str(found.record.scan)).parts
    proposal = proposal_of(found.folder)
    if "raw" not in parts or proposal is None:
        return {"name": name, "path": ""}
    inner = parts[len(parts) - parts[::-1].index("raw") :]
    scan = (proposal / "raw").joinpath(*inner)
    there = ".." not in inner and runfiles.is_inside(scan.resolve(), roots)
    there = there and scan.exists()
    return {"name": "/".join(inner) or name, "path": str(scan) if there else ""}


def _files(folder: Path, progress: Progress) -> list[Json]:
    """List results that lie in the run's own folder, the one of its picture first."""
    paths = {name: folder / str(file) for name, file in progress.files.items()}
    names = sorted(paths, key=lambda name: name != progress.pictured)
    return [
        {"name": str(name), "path": str(paths[name])}
        for name in names
        if paths[name].parent == folder and runfiles.size_of(paths[name]) is not None
    ]


def _inputs(found: Run) -> list[str]:
    """Name the files that it was given."""
    given = [dict(value) for value in found.record.inputs.values()]
    files = [file for one in given for file in one.get("identity", {}).get("files", [])]
    return [str(file.get("path", "")) for file in files]


def _engine(engine: object) -> str:
    """Name an engine and its options."""
    if not isinstance(engine, Mapping):
        return str(engine)
    return ", ".join(f"{key} {value}" for key, value in engine.items())


def _steps(found: Run) -> list[Json]:
    """List its algorithms, and what it wrote in another order between them."""
    steps = [dict(step) for step in found.record.steps]
    known = {step.get("name") for step in steps}
    for name in found.progress.steps:
        if name.endswith(TURNED) and name not in known:
            what = name.removesuffix(TURNED)
            summary = f"Write {what} in another order, to decode every chunk once."
            steps.append({"name": name, "algorithm": "turn", "summary": summary})
    return steps


def _step(found: Run, step: Json) -> Json:
    """Tell what an algorithm did, with which parameters, and what it took."""
    name = str(step.get("name", ""))
    came = found.progress.steps.get(name)
    units = dict(step.get("units", {}))
    return {
        "name": name,
        "algorithm": str(step.get("algorithm", "")),
        "summary": str(step.get("summary", "")),
        "parameters": [
            {"name": key, "value": plain(value), "units": str(units.get(key, ""))}
            for key, value in dict(step.get("parameters", {})).items()
        ],
        "seconds": None if came is None else number(came.seconds),
        "blocks": 0 if came is None else int(came.blocks),
        "of": 0 if came is None else int(came.of),
        "reused": 0 if came is None else int(came.reused),
        "read": 0 if came is None else int(came.read),
        "written": 0 if came is None else int(came.written),
    }

"""Which runs there are, read again only where something has changed.

What a list tells of a run is kept with a stamp: times and inodes of its folder and of
its state. Whatever DAISY writes of a run replaces a file, which changes the folder; so
one look at many runs opens files only of those in which something has happened. Many
runs are kept in the user's cache as well, for the next process.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from daisy_kernel.workflow.runs.alive import is_alive
from daisy_kernel.workflow.runs.notes import read_note
from daisy_kernel.workflow.runs.plain import read_plain
from daisy_kernel.workflow.runs.record import (
    ENDED,
    RECORD,
    STATE,
    Progress,
    State,
    write_text,
)

_FORMAT = 1  # of what is kept in the cache
# so many runs that were read are worth writing down for the next process
_WORTH = 200
# what changed so lately may change again without another time
_SETTLED = 2_000_000_000  # nanoseconds
_LONGEST = 500  # characters of each text

Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list tells of a run.

    Attributes
    ----------
    title
        Of its workflow, or the workflow's name; empty if its record cannot be read.
    scan
        Name of the scan.
    was
        State as it was written down; `pid`, `place` and `began` are of its process.
    """

    path: str
    created: str = ""
    title: str = ""
    workflow: str = ""
    scan: str = ""
    user: str = ""
    note: str = ""
    was: State = "lost"
    pid: int = 0
    place: str = ""
    began: str = ""

    @property
    def state(self) -> State:
        """How it is now; what carries it out may be gone without a word."""
        if self.was in ENDED or self.was == "lost":
            return self.was
        progress = Progress(self.was, pid=self.pid, place=self.place, began=self.began)
        return self.was if is_alive(Path(self.path), progress) else "lost"


class RunIndex:
    """The runs in the folders of a folder, like those of `processed`.

    Parameters
    ----------
    root
        A path without links; links in it are not followed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        # what is in a folder; None if it is no run
        self._known: dict[str, tuple[Stamp, Entry | None]] | None = None
        self._read = 0

    def look(self, scans: Iterable[str] | None = None) -> list[Entry]:
        """Give the runs of some folders, or of all of them, the newest first."""
        with self._lock:
            if self._known is None:
                self._known = _load(self.root)
            names = _folders(self.root) if scans is None else scans
            found = {
                entry.path: self._entry(entry.path, stamp, self._known)
                for name in names
                for entry, stamp in _stamped(self.root / name)
            }
            # what is gone is forgotten
            self._known = found if scans is None else self._known | found
            if self._read >= _WORTH:
                self._read = 0
                _save(self.root, self._known)
        runs = [entry for _, entry in found.values() if entry is not None]
        return sorted(runs, key=lambda run: (run.created, run.path), reverse=True)

    def _entry(
        self, path: str, stamp: Stamp, known: Mapping[str, tuple[Stamp, Entry | None]]
    ) -> tuple[Stamp, Entry | None]:
        before = known.get(path)
        if before is not None and before[0] == stamp:
            return before
        self._read += 1
        # a stamp of before the reading: what changes meanwhile has another one
        lately = time.time_ns() - max(stamp[0], stamp[2]) < _SETTLED
        try:
            return () if lately else stamp, _of(path)
        except PermissionError:  # may be granted without a trace
            return (), None


@lru_cache(maxsize=32)
def index_of(root: Path) -> RunIndex:
    """Give the index of a folder; one per process."""
    return RunIndex(root)


def _folders(root: Path) -> list[str]:
    try:
        with os.scandir(root) as entries:
            return [e.name for e in entries if _is_folder(e)]
    except OSError:
        return []


def _stamped(place: Path) -> Iterator[tuple[os.DirEntry[str], Stamp]]:
    """Give the folders in a folder with their stamps."""
    try:
        entries = list(os.scandir(place))
    except OSError:
        return
    for entry in entries:
        with suppress(OSError):  # it may be removed in this moment
            if not _is_folder(entry):
                continue
            # asked of the system: a listing may hold what was
            own = os.lstat(entry.path)
            stamp = own.st_ctime_ns, own.st_ino, *_state(f"{entry.path}/{STATE}")
            yield entry, stamp


def _state(path: str) -> Stamp:
    try:
        about = os.lstat(path)
    except OSError:
        return 0, 0, 0
    return about.st_ctime_ns, about.st_ino, about.st_size


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)


def _of(path: str) -> Entry | None:
    """Read what a list tells of a run; of one that is broken, that it is there."""
    try:
        text = read_plain(f"{path}/{RECORD}")
    except PermissionError:
        raise
    except (OSError, ValueError):
        return None
    folder = Path(path)
    try:
        record, state = json.loads(text), _read_state(path)
        scan = str(record.get("scan") or "").rpartition("/")[2]
        return Entry(
            path,
            created=_short(record.get("created")),
            title=_short(record.get("title") or record["workflow"]),
            workflow=_short(record["workflow"]),
            scan=_short(scan or folder.parent.name),
            user=_short(record.get("user")),
            note=read_note(folder, _short(record.get("note"))),
            was=state["state"],
            pid=int(state["pid"]),
            place=str(state["place"]),
            began=str(state["began"]),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Entry(path, scan=folder.parent.name)


def _read_state(path: str) -> Mapping[str, Any]:
    first = {"state": "waiting", "pid": 0, "place": "", "began": ""}
    try:
        return {**first, **json.loads(read_plain(f"{path}/{STATE}"))}
    except FileNotFoundError:
        return first


def _short(text: Any) -> str:
    return str(text or "")[:_LONGEST]


def _load(root: Path) -> dict[str, tuple[Stamp, Entry | None]]:
    """Give what a process before has written down; nothing if it cannot be read."""
    try:
        found = json.loads(read_plain(_cache(root), 2**28))
        if (found["format"], found["root"]) != (_FORMAT, str(root)):
            return {}
        return {
            path: (tuple(stamp), entry and Entry(*entry))
            for path, stamp, entry in found["runs"]
        }
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _save(root: Path, known: Mapping[str, tuple[Stamp, Entry | None]]) -> None:
    """Write down what is known; where there is no room it is read again."""
    runs = [
        (path, stamp, entry and astuple(entry))
        for path, (stamp, entry) in known.items()
        if stamp
    ]
    text = json.dumps({"format": _FORMAT, "root": str(root), "runs": runs})
    with suppress(OSError):
        _cache(root).parent.mkdir(parents=True, exist_ok=True)
        write_text(_cache(root), text)


def _cache(root: Path) -> Path:
    key = hashlib.sha256(str(root).encode()).hexdigest()[:16]
    return platformdirs.user_cache_path("daisy") / "runs" / f"{key}.json"

"""Keep the indexes of all proposals one sees up to date, as long as it runs.

Changes come from the system (inotify) where it sees them; on network file systems it
does not, and the folders are gone through now and then.
"""

from __future__ import annotations

import logging
import os
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from daisy_kernel.catalog.place import place_of, proposal_of
from daisy_kernel.catalog.proposals import proposals
from daisy_kernel.catalog.update import Updated, last_look, update
from daisy_kernel.model.errors import DaisyError, OptionalPackageMissing

log = logging.getLogger(__name__)

LOOK_EVERY = 60.0  # seconds between two walks through a proposal, by whomever
_PROPOSALS_EVERY = 10.0  # seconds until a new proposal is noticed
_TICK_MS = 500  # changes of one tick are looked at together
_DESCRIBE_SECONDS = 3.0  # then what else has changed is looked at
_REST, _LONGEST_REST = 4, 20.0  # a look rests so many times what it took, s at most
_HIDDEN = ("/.daisy/", "/.")

Tell = Callable[[str], None]


class Watch:
    """Watch the proposals below a data folder.

    Parameters
    ----------
    root
        Folder with a folder per beamline.
    tell
        Called with the folder of a proposal whose index has a new snapshot, whoever
        has written it.
    asked
        Folders of proposals to look at now are taken from this queue; None ends
        the watch.
    listed
        Called when proposals have come or gone.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        tell: Tell,
        asked: queue.SimpleQueue[str | None],
        listed: Callable[[], None] = lambda: None,
    ) -> None:
        self._listed = listed
        self._root, self._tell, self._asked = Path(root), tell, asked
        self._stamps: dict[str, tuple[int, int] | None] = {}
        self._changed: dict[str, set[Path]] = {}
        self._rest_until: dict[str, float] = {}
        self._looked_at: set[str] = set()
        self._unfinished: set[str] = set()
        self._ended = False

    def run(self) -> None:
        """Watch until `asked` gives None."""
        while not self._ended:
            known = [p.path for p in proposals(self._root) if not p.problem]
            for changes in self._changes(known):
                self._sort(changes)
                self._take_what_is_asked()
                if self._ended:
                    return
                for path in known:
                    self._stamps.setdefault(path, _stamp(path))
                    self._look_at(path)
                    self._tell_if_new(path)

    def _changes(self, known: list[str]) -> Iterator[set[tuple[Any, str]]]:
        """Give changes every tick, for as long as the proposals stay the same."""
        until = time.monotonic() + _PROPOSALS_EVERY
        folders = [
            folder
            for path in known
            for folder in (Path(path, "raw"), Path(path, "processed"))
            if folder.is_dir()
        ]
        for changes in _watched(folders) if folders else _ticks():
            yield changes
            if time.monotonic() > until:
                now = [p.path for p in proposals(self._root) if not p.problem]
                if now != known:
                    self._listed()
                    return
                until = time.monotonic() + _PROPOSALS_EVERY

    def _sort(self, changes: set[tuple[Any, str]]) -> None:
        for _, path in changes:
            proposal = proposal_of(path)
            if proposal is not None:
                self._changed.setdefault(str(proposal), set()).add(Path(path))

    def _take_what_is_asked(self) -> None:
        while not self._asked.empty():
            path = self._asked.get()
            if path is None:
                self._ended = True
                return
            self._changed.setdefault(path, set()).add(Path(path))
            self._rest_until.pop(path, None)

    def _look_at(self, path: str) -> None:
        """Look at what has changed in a proposal, or at all of it when it is time."""
        if time.monotonic() < self._rest_until.get(path, 0.0):
            return
        changed = self._changed.get(path, set())
        looked = last_look(path)
        # the first time in any case: changes from before the watch were not seen
        first = path not in self._looked_at
        whole = first or looked is None or time.time() - looked > LOOK_EVERY
        waiting = any(not p.suffix for p in _letters(path))
        if not (changed or whole or waiting or path in self._unfinished):
            return
        start = time.monotonic()
        whole = whole or Path(path) in changed
        done = self._update(path, None if whole else sorted(changed))
        if done.writer:
            self._changed.pop(path, None)
            self._looked_at.add(path)
            self._unfinished.discard(path)
        if done.left:
            self._unfinished.add(path)
        took = 0.0 if done.left else time.monotonic() - start
        self._rest_until[path] = time.monotonic() + min(_REST * took, _LONGEST_REST)

    def _update(self, path: str, changed: list[Path] | None) -> Updated:
        until = time.monotonic() + _DESCRIBE_SECONDS

        def stop() -> bool:
            return time.monotonic() > until or not self._asked.empty()

        try:
            return update(path, changed, stop)
        except (DaisyError, OSError) as error:
            log.warning("the index of %s is not written: %s", path, error)
            return Updated()

    def _tell_if_new(self, path: str) -> None:
        stamp = _stamp(path)
        if stamp != self._stamps[path]:
            self._stamps[path] = stamp
            self._tell(path)


def _watched(folders: list[Path]) -> Iterator[set[tuple[Any, str]]]:
    """Give changes below folders every tick, also none."""
    try:
        import watchfiles
    except ModuleNotFoundError as error:
        raise OptionalPackageMissing("watchfiles", "watch") from error
    try:
        yield from watchfiles.watch(
            *folders,
            watch_filter=lambda _, path: not any(part in path for part in _HIDDEN),
            debounce=_TICK_MS,
            step=_TICK_MS // 5,
            rust_timeout=_TICK_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
    except OSError as error:  # too many folders for the system's limit
        log.warning("changes are seen late: %s", error)
        yield from _ticks()


def _ticks() -> Iterator[set[tuple[Any, str]]]:
    while True:
        time.sleep(_TICK_MS / 1000)
        yield set()


def _letters(path: str) -> list[Path]:
    try:
        return list(place_of(path).inbox.iterdir())
    except OSError:
        return []


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = place_of(path).index.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns

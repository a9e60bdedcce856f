"""Looks at the scans that pages show, and tells the pages when one has grown.

Requirements
- Only what a page shows is looked at, at most twice a second, and a look that takes
  long is followed by a long rest.
- Nothing is opened while the files behind a dataset are as they were.
- Nothing here reads on the server's loop: files are opened in reader processes, and
  their times of change are looked up in threads.
- A file that vanishes is a state that is told, and so is another one in its place.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from daisy_lab.paths import STILL_WRITTEN, is_recent
from daisy_lab.workers import Pool, WorkerFailed

PAUSE = 0.4  # seconds between two looks
REST = 4.0  # times as long as a look took
TICK = 1.0  # a change in the same second may not show in the time of change
MOST_SHOWN = 32  # datasets that one page can follow

News = dict[str, Any]
Stamp = tuple[int, int, int, int]
GONE: Stamp = (0, 0, 0, 0)


@dataclass(frozen=True)
class Shown:
    """What a page shows: a file that has been resolved, and a dataset in it."""

    file: str
    node: str


Listener = Callable[[Shown, News], None]


class Follower:
    """Looks at what is shown, once for all pages that show it.

    Parameters
    ----------
    pool
        Reads.
    roots
        Folders that links may lead to.
    """

    def __init__(self, pool: Pool, roots: Iterable[str]) -> None:
        self._pool, self._roots = pool, list(roots)
        self._looks: dict[Shown, _Look] = {}

    def follow(self, listener: Listener, shown: set[Shown]) -> None:
        """Tell *listener* of these, and no more of what it followed before."""
        for one, look in list(self._looks.items()):
            if one not in shown:
                self._leave(listener, one, look)
        for one in list(shown)[:MOST_SHOWN]:
            self._join(listener, one)

    async def close(self) -> None:
        """Look at nothing any more."""
        tasks = [look.task for look in self._looks.values()]
        self._looks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _join(self, listener: Listener, shown: Shown) -> None:
        look = self._looks.get(shown)
        if look is None:
            look = _Look(shown, self._pool, self._roots)
            self._looks[shown] = look
        if listener not in look.listeners:
            look.listeners.add(listener)
            if look.told:
                listener(shown, look.told)

    def _leave(self, listener: Listener, shown: Shown, look: "_Look") -> None:
        look.listeners.discard(listener)
        if not look.listeners:
            look.task.cancel()
            self._looks.pop(shown)


@dataclass
class _State:
    """What was seen at the last look."""

    stamps: list[Stamp] = field(default_factory=list)
    files: list[str] | None = None
    reply: News = field(default_factory=dict)
    took: float = 0.0


class _Look:
    """The looks at one dataset."""

    def __init__(self, shown: Shown, pool: Pool, roots: list[str]) -> None:
        self.listeners: set[Listener] = set()
        self.told: News = {}
        self._shown, self._pool, self._roots = shown, pool, roots
        self._state = _State()
        self.task = asyncio.ensure_future(self._keep())

    async def _keep(self) -> None:
        while True:
            news = await self._look()
            if news and news != self.told:
                self.told = news
                for listener in list(self.listeners):
                    listener(self._shown, news)
            await asyncio.sleep(max(PAUSE, REST * self._state.took))

    async def _look(self) -> News | None:
        """Give what there is to tell; None where that could not be found out."""
        state = self._state
        try:
            stamps = await asyncio.to_thread(_stamps, self._shown.file, state.files)
        except (FileNotFoundError, NotADirectoryError):
            return {"event": "lost"}
        except OSError:
            return None
        replaced = bool(state.stamps) and stamps[0][:2] != state.stamps[0][:2]
        if state.files is None or stamps != state.stamps or _any_recent(stamps, TICK):
            reply = await self._ask()
            if reply is None:
                return None
            files, took = reply.pop("files"), reply.pop("took")
            self._state = state = _State(stamps, files, reply, took)
        event = "replaced" if replaced else "grew"
        growing = _any_recent(stamps)
        return {"event": event, **state.reply, "growing": growing}

    async def _ask(self) -> News | None:
        shown = self._shown
        try:
            answer = await self._pool.run(
                "growth", path=shown.file, roots=self._roots, node=shown.node
            )
        except WorkerFailed:
            return None  # half written, or busy: the next look may find more
        value: News = answer.value
        return value


def _stamps(file: str, files: list[str] | None) -> list[Stamp]:
    """Look up what changes with a file's content, of the file itself first."""
    found = [_stamp(os.stat(file))]
    for name in files or ():
        try:
            found.append(_stamp(os.stat(name)))
        except OSError:
            found.append(GONE)
    return found


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _any_recent(stamps: list[Stamp], seconds: float = STILL_WRITTEN) -> bool:
    return any(is_recent(stamp[2] / 1e9, seconds) for stamp in stamps)

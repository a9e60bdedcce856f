"""The keeper of a run: objects on disk, progress in a file, an ear for `stop`."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from daisy_kernel.catalog.lease import Lease
from daisy_kernel.io.blocks import BlockFolder, BlockLayout
from daisy_kernel.model import DataObject
from daisy_kernel.model.errors import DaisyError, RunStopped
from daisy_kernel.workflow.blocks import Blocks
from daisy_kernel.workflow.runs.alive import beginning, here
from daisy_kernel.workflow.runs.objects import Objects
from daisy_kernel.workflow.runs.record import (
    LOG,
    STATE,
    STOP,
    Progress,
    StepProgress,
    write_json,
)
from daisy_kernel.workflow.stages import Stage
from daisy_kernel.workflow.work import Done

log = logging.getLogger(__name__)

_BEAT = 5.0
_WRITE_EVERY = 0.5

Show = Callable[[Progress], None]


class RunKeeper:
    """Keeps the objects of a run, and writes down how it goes.

    Parameters
    ----------
    show
        Called with the progress whenever it is written.
    """

    for_later = True

    def __init__(
        self, folder: Path, objects: Objects, lease: Lease, show: Show
    ) -> None:
        self._folder, self._objects, self._lease = folder, objects, lease
        self._show = show
        pid = os.getpid()
        self.progress = Progress(pid=pid, place=here(), began=beginning(pid))
        self._start = time.monotonic()
        self._written = 0.0
        self._stage: tuple[Stage, Blocks] | None = None
        # names of the steps that read and make an object
        self._readers: dict[str, str] = {}
        self._makers: dict[str, str] = {}
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._beat = threading.Thread(target=self._live, name="daisy-run", daemon=True)

    def start(self, steps: Iterable[str], total: float) -> None:
        """Write down that it runs."""
        self.progress.state, self.progress.started = "running", now()
        self.progress.steps = {name: StepProgress() for name in steps}
        self.progress.total = total
        self.say("started")
        self.write()
        self._beat.start()

    def end(self, state: str, error: str = "") -> None:
        """Write down how it ended; nothing is written any more after that."""
        self._ended.set()
        if self._beat.is_alive():
            self._beat.join()
        self.progress.state = state  # type: ignore[assignment]
        self.progress.ended, self.progress.error = now(), error
        self.say(f"{state}: {error}" if error else state)
        self.write()

    def known(self, name: str) -> DataObject | None:
        """Give an object that is whole, of this run or of another one."""
        found = self._objects.find(name)
        if found is None:
            return None
        made, run = found
        if run != self._folder:
            self.note(f"{name} is taken over from {run.name}")
        return made

    def folder(self, name: str, layout: BlockLayout) -> BlockFolder:
        """Say where blocks of an object go."""
        return self._objects.folder(name, layout)

    def scratch(self, name: str) -> Path:
        """Say where parts of an object that is added up go."""
        return self._objects.scratch(name)

    def kept(self, name: str, found: DataObject) -> None:
        """Write down that an object is there."""
        self.say(f"{name}: {found!r}")

    def wrote(self, name: str, size: int) -> None:
        """Count what was written of an object."""
        self.progress.written += size
        self.progress.steps[self._makers[name]].written += size

    def nans(self, name: str, algorithm: str, count: int) -> None:
        """Keep with the run that an object holds values that are no numbers."""
        self.note(
            f"{name}, made by {algorithm}, holds {count} values that are no numbers "
            "(NaN): they come from its inputs, or from a division by 0; give a mask, "
            "or fill them before"
        )

    def begin(self, stage: Stage, blocks: Blocks, finished: int) -> None:
        """Write down that a stage begins."""
        self._stage = stage, blocks
        # what several take is read for the first of them
        self._readers = {b.name: c.name for c in stage.calls[::-1] for b in c.bounds}
        self._makers |= {n: c.name for c in stage.calls for n in c.step.into}
        for call in stage.calls:
            step = self.progress.steps.setdefault(call.name, StepProgress())
            step.of, step.blocks, step.reused = blocks.count, finished, finished
        self.progress.before += self._advance(finished)
        names = ", ".join(call.name for call in stage.calls)
        again = f", {finished} are there" if finished else ""
        many = "block" if blocks.count == 1 else "blocks"
        self.say(f"{names}: {blocks.count} {many}{again}")
        self._check_stop()
        self.write()

    def block(self, done: Done) -> None:
        """Count what is done.

        Raises
        ------
        RunStopped
            Somebody asked for it.
        """
        for name, seconds in done.seconds.items():
            step = self.progress.steps[name]
            step.seconds += seconds
            step.blocks += len(done.blocks)
        for name, size in done.read.items():
            self.progress.read += size
            self.progress.steps[self._readers[name]].read += size
        for name, size in done.written.items():
            self.wrote(name, size)
        self._advance(len(done.blocks))
        if time.monotonic() - self._written > _WRITE_EVERY:
            self._check_stop()
            self.write()

    def note(self, text: str) -> None:
        """Keep a remark with the run."""
        self.progress.notes.append(text)
        self.say(text)

    def say(self, text: str) -> None:
        """Add a line to the log."""
        with suppress(OSError), (self._folder / LOG).open("a") as file:
            file.write(f"{now()} {text}\n")

    def write(self) -> None:
        """Write down how it goes; a full disk does not stop a run that can go on."""
        with self._lock:
            self._written = time.monotonic()
            self.progress.seconds = self._written - self._start
            try:
                write_json(self._folder / STATE, self.progress)
            except OSError as error:
                log.warning(
                    "the progress of %s is not written: %s", self._folder, error
                )
        self._show(self.progress)

    def _advance(self, blocks: int) -> float:
        """Count what algorithms were given for blocks; gives those bytes."""
        if self._stage is None:
            return 0.0
        stage, cut = self._stage
        given = sum(call.first.spec.nbytes for call in stage.calls)
        self.progress.done += given * blocks / cut.count
        return given * blocks / cut.count

    def _check_stop(self) -> None:
        if (self._folder / STOP).exists():
            raise RunStopped(f"{self._folder.name} was stopped; run it again to go on")

    def _live(self) -> None:
        """Tell that the run is alive, also in the middle of a long block."""
        while not self._ended.wait(_BEAT):
            self._lease.touch()


def in_words(error: BaseException) -> str:
    """Say why something failed; DAISY's own errors are sentences already."""
    if isinstance(error, DaisyError) and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}"


def now() -> str:
    """Give the time, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")

"""The process that keeps catalogues up to date, and carries out rules for new scans.

It runs once somebody looks or has chosen to watch, and prints a line for each proposal
that has changed: its folder where the catalogue is new, and `feed` before it where its
feed has changed; or `proposals` and the data folder where some have come or gone.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0  # seconds before a watch that ended is started again
LONGEST_PAUSE = 60.0
ENDING = 2.0  # seconds a watch may take to end by itself

# what stands before a folder, which begins with "/"
BEFORE = "feed", "proposals"

Listener = Callable[[str, Path], None]


class Watcher:
    """One process `daisy watch`, started when the first page listens, or before.

    Parameters
    ----------
    root
        Folder with a folder per beamline.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listeners: set[Listener] = set()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def listen(self, listener: Listener) -> None:
        """Tell *listener* of each proposal whose "catalog" or "feed" is new.

        And of the data folder whose "proposals" are others now.
        """
        self._listeners.add(listener)
        self.start()

    def start(self) -> None:
        """Start the process, if it has not been; from then on it is kept going."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._keep())

    def leave(self, listener: Listener) -> None:
        """Tell it no more."""
        self._listeners.discard(listener)

    def look(self, proposal: Path) -> None:
        """Look at a proposal now."""
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.write(f"{proposal}\n".encode())

    async def close(self) -> None:
        """End the process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            if self._root.is_dir():
                await self._run()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _run(self) -> None:
        """Run one watch until it ends, or until we are closed."""
        process = await _started(self._root)
        self._process = process
        try:
            while process.stdout is not None:
                line = await process.stdout.readline()
                if not line:
                    break
                self._tell(*understood(line.decode().rstrip("\n")))
            log.warning("the watch of the catalogue has ended; it is started again")
        finally:
            self._process = None
            await _end(process)

    def _tell(self, what: str, proposal: Path) -> None:
        for listener in list(self._listeners):
            listener(what, proposal)


async def _started(root: Path) -> asyncio.subprocess.Process:
    """Start a watch; whoever is cancelled meanwhile leaves no process behind."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "daisy_kernel.cli",
            "watch",
            str(root),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _end(await starting)
        raise


def understood(line: str) -> tuple[str, Path]:
    """Say what a line of the watch tells, and of which proposal."""
    what, _, folder = line.partition(" ")
    return (what, Path(folder)) if what in BEFORE else ("catalog", Path(line))


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let a process end by itself, which it does when its input is closed.

    What it still says is read away: asyncio counts a process as ended only when its
    output is, and stops reading of one that says much.
    """
    if process.stdin is not None:
        process.stdin.close()
    ending = asyncio.ensure_future(process.communicate())
    done, _ = await asyncio.wait([ending], timeout=ENDING)
    if not done:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        # not for ever: one that was started by it may hold the output open
        await asyncio.wait([ending], timeout=ENDING)
    ending.cancel()
    await asyncio.gather(ending, return_exceptions=True)

"""A small pool of processes that do all reading for the server.

Requirements
- Whatever a file holds, the server goes on: a worker that crashes or takes too
  long is ended and replaced, and the request says so.
- What tells how far it has come may take as long as it likes, and others are
  answered meanwhile: a worker that is busy for long is joined by another one.
- A request whose page has gone away costs nothing while it waits, and little
  while it runs: its worker may finish quickly, or is replaced.
- Answers have a size limit.
- A worker may say how far it has come, any number of times before its answer.
- Workers import their libraries when they start, which is when a page has been
  drawn, or else at the first request.
"""

import asyncio
import contextlib
import json
import logging
import os
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

DEADLINE = 30.0  # seconds in which nothing is heard of a request
PATIENCE = 2.0  # seconds after which a request counts as a long one
MOST_LONG = 3  # long requests beside which the others have all places
GRACE = 2.0  # seconds an abandoned request may still run
CLOSING = 2.0  # seconds for the pipes of an ended process
LIMIT = 64 * 2**20  # bytes of one answer
HEAD = struct.Struct("<IQ")  # lengths of the JSON part and of the body


Tell = Callable[[int, int], None]  # what is done, and what there is to do


class WorkerFailed(Exception):
    """A request that ended badly: an HTTP status, a name and a message."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(status, name, message)
        self.status, self.name, self.message = status, name, message

    def __str__(self) -> str:
        return self.message


class _Oversized(Exception):
    """An answer that is not read, so the pipe cannot be used again."""


@dataclass
class Answer:
    """What a worker gives back: a JSON value, or that and bytes."""

    value: Any
    body: bytes = b""


class Worker:
    """One process, asked one thing at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls) -> "Worker":
        """Start a process that imports the kernel library and waits."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "daisy_lab.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "HDF5_USE_FILE_LOCKING": "FALSE"},
            limit=2**20,
        )
        return cls(process)

    @property
    def alive(self) -> bool:
        """Say whether the process still runs."""
        return self.process.returncode is None

    async def ask(
        self, job: str, arguments: dict[str, Any], tell: Tell | None = None
    ) -> Answer:
        """Send one request and wait for its answer."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the worker was started without pipes")
        request = json.dumps({"job": job, "arguments": arguments}).encode()
        stdin.write(HEAD.pack(len(request), 0) + request)
        await stdin.drain()
        while True:
            answer, body = await _received(stdout)
            if "progress" not in answer:
                break
            if tell is not None:
                tell(*answer["progress"])
        if "error" in answer:
            raise WorkerFailed(answer["status"], answer["error"], answer["message"])
        return Answer(answer["value"], body)

    def end(self) -> None:
        """End the process now."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def gone(self) -> None:
        """End the process, and wait until its pipes are closed as well."""
        self.end()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.process.communicate(), CLOSING)
        # it was killed, so it is gone; its pipes may be held by what it has started
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), CLOSING)


async def _received(stdout: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    text_size, body_size = HEAD.unpack(await stdout.readexactly(HEAD.size))
    if body_size > LIMIT or text_size > LIMIT:
        raise _Oversized
    answer = json.loads(await stdout.readexactly(text_size))
    return answer, await stdout.readexactly(body_size)


class Pool:
    """A few workers, and the queue before them."""

    def __init__(self, size: int = 2, deadline: float = DEADLINE) -> None:
        self.size = size
        self.deadline = deadline
        self._idle: asyncio.LifoQueue[Worker | None] = asyncio.LifoQueue()
        self._all: set[Worker] = set()
        self._long: set[Worker] = set()  # busy for long; their places are given away
        self._closed = False
        self._warming: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        for _ in range(size):
            self._idle.put_nowait(None)

    def warm(self) -> asyncio.Future[None]:
        """Start what has not been started, so that the next request finds it ready.

        Returns
        -------
        :
            Done when all have been started; the caller need not wait.
        """
        if self._warming is None:
            self._warming = asyncio.ensure_future(self._fill())
            self._keep(self._warming)
        return self._warming

    async def run(
        self, job: str, *, tell: Tell | None = None, **arguments: Any
    ) -> Answer:
        """Run one job in a free worker.

        Parameters
        ----------
        tell
            Hears how far a long job has come.

        Raises
        ------
        WorkerFailed
            With the status to answer: what the job raised, 503 when no worker became
            free or nothing was heard of it until the deadline (for 504 a proxy may
            show a page of its own), 500 when the process died.
        """
        worker = await self._free()
        loop = asyncio.get_running_loop()
        growing = loop.call_later(PATIENCE, self._give_place_away, worker)
        try:
            return await self._answer(worker, job, arguments, tell)
        finally:
            growing.cancel()

    async def _free(self) -> Worker:
        try:
            worker = await asyncio.wait_for(self._idle.get(), self.deadline)
        except TimeoutError:
            raise WorkerFailed(
                503,
                "Busy",
                "all readers are busy with what takes long: "
                "cancel one of those, or try again later",
            ) from None
        if worker is not None and worker.alive:
            return worker
        try:
            return await self._start()
        except BaseException:
            self._idle.put_nowait(None)
            raise

    async def _answer(
        self, worker: Worker, job: str, arguments: dict[str, Any], tell: Tell | None
    ) -> Answer:
        loop = asyncio.get_running_loop()
        last_heard = loop.time()

        def heard(done: int, total: int) -> None:
            nonlocal last_heard
            last_heard = loop.time()
            if tell is not None:
                tell(done, total)

        asking = asyncio.ensure_future(worker.ask(job, arguments, heard))
        try:
            while not asking.done():
                left = last_heard + self.deadline - loop.time()
                if left <= 0:
                    raise TimeoutError
                await asyncio.wait([asking], timeout=left)
            answer = asking.result()
        except TimeoutError:
            self._replace(worker, asking)
            raise WorkerFailed(
                503,
                "TooSlow",
                f"nothing was heard of the reading for {self.deadline:.0f} s, "
                "and it was stopped",
            ) from None
        except asyncio.CancelledError:
            self._keep(asyncio.ensure_future(self._abandon(worker, asking)))
            raise
        except (asyncio.IncompleteReadError, OSError):
            self._replace(worker, asking)
            raise WorkerFailed(
                500, "ReaderCrashed", "the process that read this file has crashed"
            ) from None
        except _Oversized:
            self._replace(worker, asking)
            raise WorkerFailed(
                413,
                "TooLarge",
                f"the answer is larger than {LIMIT >> 20} MiB: read it in a notebook",
            ) from None
        except WorkerFailed:
            self._give_back(worker)
            raise
        self._give_back(worker)
        return answer

    async def close(self) -> None:
        """End every worker."""
        self._closed = True
        unfinished = list(self._tasks)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        for worker in list(self._all):
            self._end(worker)
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _fill(self) -> None:
        places = [self._idle.get_nowait() for _ in range(self._idle.qsize())]
        for worker in places:
            if worker is None:
                await self._refill()
            else:
                self._idle.put_nowait(worker)

    async def _start(self) -> Worker:
        worker = await Worker.start()
        self._all.add(worker)
        return worker

    async def _abandon(self, worker: Worker, asking: asyncio.Future[Answer]) -> None:
        done, _ = await asyncio.wait([asking], timeout=GRACE)
        if done and isinstance(asking.exception(), WorkerFailed | None):
            self._give_back(worker)
        else:
            self._replace(worker, asking)

    def _replace(self, worker: Worker, asking: asyncio.Future[Answer]) -> None:
        asking.cancel()
        asking.add_done_callback(lambda f: f.cancelled() or f.exception())
        had_place = worker not in self._long
        self._end(worker)
        if self._closed or not had_place:
            return
        # the place is taken by a new process before the next request needs it
        self._keep(asyncio.ensure_future(self._refill()))

    def _give_place_away(self, worker: Worker) -> None:
        """Let another worker answer while this one is busy for long."""
        if len(self._long) < MOST_LONG and worker in self._all:
            self._long.add(worker)
            self._idle.put_nowait(None)

    def _give_back(self, worker: Worker) -> None:
        """Take the next request, or end where another one has taken the place."""
        if worker in self._long:
            self._long.discard(worker)
            if not self._took_free_place():
                self._end(worker)
                return
        self._idle.put_nowait(worker)

    def _took_free_place(self) -> bool:
        """Take a place for which no process has been started yet, if there is one."""
        if self._idle.empty():
            return False
        other = self._idle.get_nowait()
        if other is not None:
            self._idle.put_nowait(other)
        return other is None

    def _end(self, worker: Worker) -> None:
        self._all.discard(worker)
        self._long.discard(worker)
        ending = asyncio.ensure_future(worker.gone())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _refill(self) -> None:
        try:
            worker: Worker | None = await self._start()
        except OSError:
            log.exception("a reader process could not be started")
            worker = None
        self._idle.put_nowait(worker)

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

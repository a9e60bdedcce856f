"""One reader process, seen from its parent."""

from __future__ import annotations

import contextlib
import json
import math
import mmap
import os
import signal
import subprocess
import sys
from typing import Any

import numpy as np

from daisy_kernel.model import errors
from daisy_kernel.model.nodes import Array

# kept between reads, because the first touch of memory costs more than the copy
_KEPT_BYTES = 64 << 20
_PAGE = 1 << 20
_END_SECONDS = 2.0
# libraries that start threads of their own would only fight for the processors
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
# somebody else ended it: what it was reading is not to blame
_FROM_OUTSIDE = {0, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT}


class WorkersUnavailable(Exception):
    """No reader process can be started here: read in this process."""


class WorkerDied(Exception):
    """The process ended before it answered."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)

    @property
    def from_outside(self) -> bool:
        """Whether it was ended by somebody, rather than crashed."""
        return self.code in _FROM_OUTSIDE

    def __str__(self) -> str:
        if self.code >= 0:
            return f"exit status {self.code}"
        return signal.Signals(-self.code).name


class Worker:
    """A process that answers one request at a time, and the memory shared with it.

    Raises
    ------
    WorkersUnavailable
        It does not start.
    """

    def __init__(self) -> None:
        if not hasattr(os, "memfd_create"):
            raise WorkersUnavailable("this system has no memory files")
        self._memory = os.memfd_create("daisy-reader")
        self._mapping: mmap.mmap | None = None
        self._room = 0
        try:
            self._process = _start(self._memory)
        except OSError as error:
            os.close(self._memory)
            raise WorkersUnavailable(f"no reader process: {error}") from error
        try:
            self._answer()
        except WorkerDied as error:
            self.end()
            raise WorkersUnavailable(f"a reader process ended: {error}") from error

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def read(
        self, request: dict[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> Array:
        """Have a piece read, and give it as a view of the shared memory.

        The view is good until the next call.
        """
        self._make_room(math.prod(shape) * dtype.itemsize)
        self._send({**request, "dtype": str(dtype), "room": self._room})
        answer = self._answer()
        if "error" in answer:
            raise getattr(errors, answer["error"])(*answer["arguments"])
        return np.ndarray(shape, dtype, self._mapping)

    def shrink(self) -> None:
        """Give memory back after an unusually large piece."""
        if self._room > _KEPT_BYTES:
            self._set_room(_KEPT_BYTES)

    def kill(self) -> None:
        """End the process now; whoever waits for its answer gets WorkerDied."""
        self._process.kill()

    def end(self) -> None:
        """End the process and let go of everything."""
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        self.close_descriptors()

    def abandon(self) -> None:
        """Forget a process that belongs to the parent of this fork."""
        self._process.returncode = 0
        self.close_descriptors()

    def close_descriptors(self) -> None:
        """Close the pipes and the memory."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._mapping = None
        if self._memory >= 0:
            os.close(self._memory)
            self._memory = -1

    def _send(self, request: dict[str, Any]) -> None:
        pipe = self._process.stdin
        try:
            pipe.write(json.dumps(request).encode() + b"\n")  # type: ignore[union-attr]
        except (OSError, ValueError) as error:
            raise self._death() from error

    def _answer(self) -> dict[str, Any]:
        try:
            line = self._process.stdout.readline()  # type: ignore[union-attr]
        except (OSError, ValueError) as error:
            raise self._death() from error
        if not line.endswith(b"\n"):
            raise self._death()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _death(self) -> WorkerDied:
        try:
            return WorkerDied(self._process.wait(_END_SECONDS))
        except subprocess.TimeoutExpired:
            return WorkerDied(0)

    def _make_room(self, size: int) -> None:
        if size > self._room or self._mapping is None:
            self._set_room(max(1, math.ceil(size / _PAGE)) * _PAGE)

    def _set_room(self, size: int) -> None:
        os.ftruncate(self._memory, size)
        self._mapping = mmap.mmap(self._memory, size)
        self._room = size


def _start(memory: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # -P: a module in the working directory must not stand in for a library
        [sys.executable, "-P", "-m", "daisy_kernel.io.reading._worker", str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,  # a buffer has a lock, which a fork in another thread would copy
        pass_fds=(memory,),
        process_group=0,  # an interrupt of the notebook is not meant for it
        env={**os.environ, **_ENVIRONMENT},
    )

"""The main loop of a reader process: read a request, run it, answer.

The pipe to the server is moved away from standard output first, so that nothing
a library prints can get between the answers.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import BinaryIO

from daisy_lab.workers import HEAD

NICENESS = 5
PAUSE = 0.1  # seconds between two messages of how far a job has come


def main() -> None:
    """Answer requests until the server closes the pipe."""
    # behind the server, which has to answer others meanwhile
    os.nice(NICENESS)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # imports the libraries while nobody waits
    from daisy_lab import jobs
    from daisy_lab.jobs.progress import listening

    jobs.warm()
    while head := sys.stdin.buffer.read(HEAD.size):
        size, _ = HEAD.unpack(head)
        request = json.loads(sys.stdin.buffer.read(size))
        try:
            with listening(_progress(out)):
                value, body = jobs.run(request["job"], request["arguments"])
            answer = {"value": value}
        except Exception as error:
            answer, body = jobs.failure(error), b""
        _send(out, answer, body)


def _progress(out: BinaryIO) -> Callable[[int, int], None]:
    """Send how far a job has come, but not too often."""
    last = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PAUSE:
            last = time.monotonic()
            _send(out, {"progress": [done, total]}, b"")

    return tell


def _send(out: BinaryIO, answer: dict[str, object], body: bytes) -> None:
    text = json.dumps(answer, allow_nan=False).encode()
    out.write(HEAD.pack(len(text), len(body)))
    out.write(text)
    out.write(body)
    out.flush()


if __name__ == "__main__":
    main()

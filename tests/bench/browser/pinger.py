"""Asks a server for its state every 20 ms, in a process of its own.

An answer that comes late also makes those late that should have been asked for in
the meantime: each counts from the time at which it was due.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

PERIOD = 0.02
_TESTS = Path(__file__).parents[2]


class Pinger:
    """The process, seen from the benchmark."""

    def __init__(self, port: int, token: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.browser.pinger", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(_TESTS), "DAISY_TOKEN": token},
        )

    def told(self) -> list[float]:
        """Give the seconds of all answers since the last question."""
        pipes = self._process
        if pipes.stdin is None or pipes.stdout is None:
            raise RuntimeError("the process has no pipes")
        pipes.stdin.write("\n")
        pipes.stdin.flush()
        answer = pipes.stdout.readline()
        if not answer:
            raise RuntimeError("the pinger has ended")
        return list(json.loads(answer))

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def p99(seconds: list[float]) -> float:
    """Give the time that one answer of a hundred exceeds."""
    return sorted(seconds)[int(0.99 * len(seconds))]


def main() -> None:
    """Ask until the pipe is closed; tell at every line that comes."""
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
    headers = {"Authorization": f"token {os.environ['DAISY_TOKEN']}"}
    late: list[float] = []
    due = time.perf_counter()
    while True:
        if select.select([sys.stdin], [], [], max(0, due - time.perf_counter()))[0]:
            if not sys.stdin.readline():
                return
            print(json.dumps(late), flush=True)
            late = []
            continue
        connection.request("GET", "/api/status", headers=headers)
        connection.getresponse().read()
        now = time.perf_counter()
        while due <= now:
            late.append(now - due)
            due += PERIOD


if __name__ == "__main__":
    main()

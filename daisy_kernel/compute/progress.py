"""A progress line that reads the same in a terminal and in a saved notebook."""

from __future__ import annotations

import sys
import time

_WIDTH = 30


class ProgressLine:
    """Writes one line, over and over, to standard output."""

    def __init__(self, what: str) -> None:
        self._what, self._start = what, time.perf_counter()

    def __call__(self, done: int, total: int) -> None:
        """Write how much is done."""
        filled = _WIDTH * done // max(1, total)
        bar = "#" * filled + "." * (_WIDTH - filled)
        seconds = time.perf_counter() - self._start
        end = "\n" if done == total else ""
        line = f"\r{self._what} [{bar}] {done} of {total}, {seconds:.0f} s"
        sys.stdout.write(line + end)
        sys.stdout.flush()

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
        _write(f"\r{self._what} [{bar}] {done} of {total}, {seconds:.0f} s{end}")


class WaitingLine:
    """Writes what is waited for, over and over, on one line of standard output."""

    def __init__(self, what: str) -> None:
        self._what, self._start, self._is_open = what, time.perf_counter(), False

    def __call__(self, has: int, wanted: int) -> None:
        """Write how much has come."""
        seconds = time.perf_counter() - self._start
        _write(f"\r{self._what} {has} of {wanted}, {seconds:.0f} s")
        self._is_open = True

    def end(self) -> None:
        """Leave the line, if there is one."""
        if self._is_open:
            _write("\n")
        self._is_open = False


def say(text: str) -> None:
    """Write a sentence on a line of its own."""
    _write(f"{text}\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()

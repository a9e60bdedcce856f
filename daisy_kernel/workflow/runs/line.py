"""Progress of a run as one line, the same in a terminal and in a saved notebook."""

from __future__ import annotations

import sys

from daisy_kernel.model.text import format_bytes
from daisy_kernel.workflow.runs.record import ENDED, Progress

_WIDTH = 30
_MINUTE, _HOUR = 60, 3600


class RunLine:
    """Writes one line, over and over, to standard output.

    Parameters
    ----------
    what
        Stands before the bar.
    """

    def __init__(self, what: str) -> None:
        self._what, self._length, self._ended = what, 0, False

    def __call__(self, progress: Progress) -> None:
        """Write how far a run has come."""
        if self._ended:
            return
        self._ended = progress.state in ENDED
        line = f"{self._what} {bar(progress)}"
        # what is left of a longer line before is wiped out
        end = "\n" if self._ended else ""
        sys.stdout.write(f"\r{line.ljust(self._length)}{end}")
        sys.stdout.flush()
        self._length = len(line)


def bar(progress: Progress) -> str:
    """Give bar, rate and time left as text."""
    if progress.state == "waiting":
        return "waits to be started"
    part = min(1.0, progress.done / progress.total) if progress.total else 0.0
    part = 1.0 if progress.state == "done" else part
    filled = int(_WIDTH * part)
    text = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {100 * part:3.0f} %"
    if progress.state in ENDED:
        text += f", {progress.state} after {duration(progress.seconds)}"
        return f"{text}, {format_bytes(progress.read)} read" if progress.read else text
    if progress.seconds > 1 and progress.read:
        text += f", {format_bytes(int(progress.read / progress.seconds))}/s"
    left = remaining(progress)
    return text if left is None else f"{text}, {duration(left)} left"


def remaining(progress: Progress) -> float | None:
    """Estimate the seconds that are left, from what the blocks before have taken."""
    fresh = progress.done - progress.before
    if progress.state != "running" or fresh <= 0:
        return None
    return progress.seconds * max(0.0, progress.total - progress.done) / fresh


def duration(seconds: float) -> str:
    """Give a duration as people say it.

    Examples
    --------
    >>> duration(4.2), duration(75), duration(7500)
    ('4 s', '1 min 15 s', '2 h 5 min')
    """
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{seconds:.1f} s" if seconds < 1 else f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"

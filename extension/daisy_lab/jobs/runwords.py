"""How a run goes, in words and in numbers; the same for every page that shows it."""

import math
from typing import Any

from daisy_kernel.workflow.runs.line import duration, remaining
from daisy_kernel.workflow.runs.record import Progress, State
from daisy_lab.jobs.values import Json

WAITS = "waits to be started"
LOST = "lost: whatever carried it out is gone; run it again, and it goes on"


def how_it_goes(state: State, progress: Progress, stopping: bool) -> Json:
    """Tell the state, how much is done, the rate and the time that is left."""
    part = part_of(state, progress)
    left = remaining(progress) if state == "running" else None
    stopping = stopping and state in ("waiting", "running")
    words = "stopping" if stopping else in_words(state, progress, part, left)
    seconds, read = number(progress.seconds), number(progress.read)
    return {
        "state": state,
        "stopping": stopping,
        "words": words,
        "part": part,
        "left": None if left is None else number(left),
        "seconds": seconds,
        "rate": read / seconds if seconds > 1 else 0.0,
        "error": str(progress.error),
    }


def in_words(state: State, progress: Progress, part: float, left: float | None) -> str:
    """Say how a run goes."""
    if state == "waiting":
        return WAITS
    if state == "lost":
        return LOST
    if state == "running":
        rest = "" if left is None else f", {duration(left)} left"
        return f"running, {100 * part:.0f} %{rest}"
    took = duration(number(progress.seconds))
    return f"done in {took}" if state == "done" else f"{state} after {took}"


def part_of(state: State, progress: Progress) -> float:
    """Give how much is done, from 0 to 1."""
    if state == "done":
        return 1.0
    total = number(progress.total)
    return min(max(number(progress.done) / total, 0.0), 1.0) if total else 0.0


def number(value: Any) -> float:
    """Give a finite number, whatever stands in a file."""
    found = float(value)
    return found if math.isfinite(found) else 0.0

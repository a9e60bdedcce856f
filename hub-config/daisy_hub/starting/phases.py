"""What a start is doing, told to who waits: phases with the seconds they came at."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

LOOK_SECONDS = 0.3
# of the progress bar; what comes after the last phase is the hub's own
STEP, MOST = 15, 90


class Phases:
    """The phases of one start after the other."""

    def __init__(self) -> None:
        self._told: list[tuple[float, str]] = []
        self._began = time.monotonic()
        self._over = asyncio.Event()

    def begin(self) -> None:
        """Forget the start before."""
        self._told.clear()
        self._began = time.monotonic()
        self._over.clear()

    def say(self, text: str) -> None:
        """Tell that a phase begins."""
        self._told.append((time.monotonic() - self._began, text))

    def end(self) -> None:
        """Tell that there is no more to come."""
        self._over.set()

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Give the hub's progress events, also those of before one has asked."""
        done = 0
        while True:
            # before the look: what is told last is not missed
            over = self._over.is_set()
            for seconds, text in self._told[done:]:
                done += 1
                yield {
                    "progress": min(STEP * done, MOST),
                    "message": text,
                    "seconds": round(seconds, 1),
                }
            if over:
                return
            await asyncio.sleep(LOOK_SECONDS)

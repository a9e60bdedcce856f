"""Turns: as many servers start at once as the machine can start well, others wait.

JupyterHub turns people away whose start would be one too many, and they have to ask
again. Who waits here is told how many are before, and is not forgotten.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LOOK_SECONDS = 1.0


class Turns:
    """The starts of one hub.

    Parameters
    ----------
    at_once
        How many may go on at the same time.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._going = 0
        self._waiting: list[asyncio.Event] = []

    @asynccontextmanager
    async def turn(self, say: Callable[[str], None]) -> AsyncIterator[None]:
        """Wait for one's turn, and hold it.

        Parameters
        ----------
        say
            Told whenever somebody before has gone.
        """
        await self._wait(say)
        self._going += 1
        try:
            yield
        finally:
            self._going -= 1
            self._call()

    async def _wait(self, say: Callable[[str], None]) -> None:
        if self._going < self._at_once and not self._waiting:
            return
        called, told = asyncio.Event(), -1
        self._waiting.append(called)
        try:
            while not called.is_set():
                before = self._waiting.index(called)
                if before != told:
                    say(_words(before))
                    told = before
                try:
                    await asyncio.wait_for(called.wait(), LOOK_SECONDS)
                except TimeoutError:
                    continue
        except BaseException:
            if called.is_set():  # the turn goes to the next one
                self._going -= 1
                self._call()
            else:
                self._waiting.remove(called)
            raise
        self._going -= 1  # held for us since the call

    def _call(self) -> None:
        """Give the free turns to those who have waited longest."""
        while self._waiting and self._going < self._at_once:
            self._going += 1
            self._waiting.pop(0).set()


def _words(before: int) -> str:
    if before == 0:
        return "Waiting for your turn: you are next"
    starts = "1 start is" if before == 1 else f"{before} starts are"
    return f"Waiting for your turn: {starts} before yours"

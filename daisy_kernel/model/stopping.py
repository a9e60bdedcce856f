"""How a read in another thread is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from daisy_kernel.native import Stop

Result = TypeVar("Result")

# what reads in this context listen to
current_stop: ContextVar[Stop | None] = ContextVar("current_stop", default=None)


async def in_thread(read: Callable[[], Result]) -> Result:
    """Run a read in a thread; if the task is cancelled, the read is stopped first.

    So nothing is written to the caller's memory after the cancellation is seen.
    """
    stop = Stop()
    current_stop.set(stop)  # the thread works in a copy of this context
    work = asyncio.ensure_future(asyncio.to_thread(read))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()  # "stopped" is what was asked for
        raise
    finally:
        current_stop.set(None)

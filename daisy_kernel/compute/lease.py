"""Lease of a cluster: without a client for some time, it ends.

A dask scheduler preload (`--preload daisy_kernel.compute.lease`). A client that is
gone for DAISY_LEASE_SECONDS (600 by default) takes its cluster with it: through
the gateway where there is one, so that the workers end as well and the gateway
knows, else by closing the scheduler.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from typing import Any

logger = logging.getLogger("distributed.scheduler")
_DEFAULT = 600.0
_FINEST = 0.05
# dask's own entry, and clients that tasks open on workers: nobody waits there
_NOBODY = ("fire-and-forget", "Client-worker-")


async def dask_setup(scheduler: Any) -> None:
    """Start watching; called by dask when the scheduler has started."""
    seconds = float(os.environ.get("DAISY_LEASE_SECONDS", _DEFAULT))
    if seconds > 0:
        task = asyncio.create_task(watch(scheduler, seconds))
        # a task without a reference may be collected
        scheduler.daisy_lease = task


async def dask_teardown(scheduler: Any) -> None:
    """Stop watching."""
    task = getattr(scheduler, "daisy_lease", None)
    if task is not None and task is not asyncio.current_task():
        task.cancel()


async def watch(scheduler: Any, seconds: float) -> None:
    """End the cluster when no client was there for so many seconds."""
    last = time.monotonic()
    while True:
        await asyncio.sleep(max(_FINEST, min(seconds / 20, 5)))
        if clients(scheduler):
            last = time.monotonic()
        elif time.monotonic() - last >= seconds:
            logger.warning("No client for %.0f s: the cluster ends", seconds)
            await end(scheduler)
            return


def clients(scheduler: Any) -> list[str]:
    """Name the clients that somebody sits at."""
    return [name for name in scheduler.clients if not name.startswith(_NOBODY)]


async def end(scheduler: Any) -> None:
    """End the cluster through the gateway, else only the scheduler."""
    if os.environ.get("DASK_GATEWAY_CLUSTER_NAME"):
        try:
            from dask_gateway.scheduler_preload import make_gateway_client

            await make_gateway_client().shutdown()
            return
        except Exception:
            # whatever keeps the gateway from answering, the lease still ends
            logger.exception("The gateway did not end the cluster")
    await scheduler.close(reason="daisy-lease")

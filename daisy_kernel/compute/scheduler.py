"""What an engine asks the scheduler of a cluster; these functions run over there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daisy_kernel.compute.lease import clients


def asked_for(dask_scheduler: Any) -> Mapping[str, Any]:
    """Tell who is there, and how many workers the gateway was asked for.

    Returns
    -------
    :
        `clients`, their names; `count` of workers; `bounds`, (least, most) where
        dask adapts the count, else None.
    """
    service = dask_scheduler.services.get("gateway")
    adapts = getattr(service, "adapt_task", None) is not None
    bounds = (service.minimum or 0, service.maximum) if service and adapts else None
    count = service.count if service else len(dask_scheduler.workers)
    return {"clients": clients(dask_scheduler), "count": count, "bounds": bounds}

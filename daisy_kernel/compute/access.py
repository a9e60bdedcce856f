"""The gateway that is configured here, and its troubles in words."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from daisy_kernel.model.errors import EngineUnavailable, OptionalPackageMissing

INSTEAD = "use daisy.engine('local')"

# by process and address, until the process ends: one that is collected as garbage
# closes itself, and waits for ever if that happens while a client starts in its thread
_gateways: dict[tuple[int, str], Any] = {}


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn what goes wrong between here and the gateway into an error of ours."""
    from aiohttp import ClientError
    from dask_gateway import GatewayClusterError, GatewayServerError

    kinds = GatewayClusterError, GatewayServerError, ClientError, ValueError, OSError
    try:
        yield
    except kinds as error:
        why = str(error) or type(error).__name__
        raise EngineUnavailable(
            f"the gateway {what}: {why}. Try again in a minute, or {INSTEAD}"
        ) from error


def gateway() -> Any:
    """Give the gateway that is configured here, the same in all of a process.

    Raises
    ------
    OptionalPackageMissing, EngineUnavailable
        There is none, and what to do.
    """
    try:
        import dask
        from dask_gateway import Gateway
    except ImportError as error:
        raise OptionalPackageMissing("dask-gateway", "cluster") from error
    address = dask.config.get("gateway.address", None)
    if not address:
        raise EngineUnavailable(
            "no gateway is configured here (DASK_GATEWAY__ADDRESS is not set): "
            f"{INSTEAD}"
        )
    key = os.getpid(), address
    if key not in _gateways:
        with translated("cannot be used"):
            _gateways[key] = Gateway()
        atexit.register(_close, _gateways[key])
    return _gateways[key]


def _close(made: Any) -> None:
    with suppress(Exception):  # its loop may have ended
        made.close()

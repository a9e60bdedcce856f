"""JupyterHub's configuration, one part a file, each with `apply(config, settings)`."""

from typing import Any

from daisy_hub.parts import (
    auth,
    dashboards,
    gateway,
    hub,
    metrics,
    proxy,
    roles,
    spawn,
    watching,
)
from daisy_hub.settings import Settings

__all__ = ["apply_all"]


def apply_all(config: Any, settings: Settings) -> None:
    """Apply every part."""
    for part in (hub, auth, proxy, spawn):
        part.apply(config, settings)
    if settings.clusters:
        gateway.apply(config, settings)
    if settings.watching:
        watching.apply(config, settings)
    if settings.clusters:
        dashboards.apply(config, settings)
    roles.apply(config, settings)
    metrics.apply(config, settings)

"""The service that shows the pages of clusters to their owners."""

import sys
from typing import Any

from daisy_hub.settings import (
    DASHBOARDS_SERVICE,
    INSTANCE_VARIABLE,
    Settings,
    settings_file,
)


def apply(config: Any, settings: Settings) -> None:
    """Add the service, let every user reach it, and have links lead to it."""
    config.JupyterHub.services.append(
        {
            "name": DASHBOARDS_SERVICE,
            "url": settings.url("dashboards"),
            "display": False,
            "oauth_no_confirm": True,
            "command": [sys.executable, "-m", "daisy_hub.dashboards"],
            "environment": {
                "DAISY_SETTINGS": str(settings_file()),
                INSTANCE_VARIABLE: settings.instance,
                "PATH": "/usr/local/bin:/usr/bin:/bin",
            },
        }
    )
    scope = f"access:services!service={DASHBOARDS_SERVICE}"
    config.JupyterHub.extra_user_scopes.append(scope)
    config.Spawner.environment = {
        **config.Spawner.environment,
        # clients make their links from it
        "DASK_GATEWAY__PUBLIC_ADDRESS": settings.dashboards_prefix,
    }

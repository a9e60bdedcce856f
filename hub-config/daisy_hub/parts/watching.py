"""The service that keeps servers for watched proposals, with the rights it needs."""

import sys
from typing import Any

from daisy_hub.settings import (
    INSTANCE_VARIABLE,
    WATCHING_SERVICE,
    Settings,
    settings_file,
)


def apply(config: Any, settings: Settings) -> None:
    """Add the service and its role, and let every user reach it."""
    config.JupyterHub.services.append(
        {
            "name": WATCHING_SERVICE,
            "url": settings.url("watching"),
            "display": False,
            "command": [sys.executable, "-m", "daisy_hub.watching"],
            "environment": {
                "DAISY_SETTINGS": str(settings_file()),
                INSTANCE_VARIABLE: settings.instance,
                "PATH": "/usr/local/bin:/usr/bin:/bin",
            },
        }
    )
    config.JupyterHub.load_roles = [
        {
            "name": WATCHING_SERVICE,
            "description": "See whether servers are up, and start them",
            "scopes": ["read:servers", "start:servers"],
            "services": [WATCHING_SERVICE],
        }
    ]
    scope = f"access:services!service={WATCHING_SERVICE}"
    config.JupyterHub.extra_user_scopes.append(scope)
    config.Spawner.server_token_scopes.append(scope)
    config.Spawner.environment = {
        **config.Spawner.environment,
        "DAISY_WATCHING_URL": settings.inner_url + settings.watching_prefix,
    }

"""Whoever scrapes the hub's numbers: a token that may do that and nothing else."""

from typing import Any

from daisy_hub.settings import METRICS_SERVICE, Settings


def apply(config: Any, settings: Settings) -> None:
    """Add the service and its role; the token is a file of the state folder."""
    config.JupyterHub.services.append(
        {"name": METRICS_SERVICE, "api_token": settings.metrics_token, "display": False}
    )
    config.JupyterHub.load_roles.append(
        {
            "name": METRICS_SERVICE,
            "description": "Read the hub's numbers",
            "scopes": ["read:metrics"],
            "services": [METRICS_SERVICE],
        }
    )

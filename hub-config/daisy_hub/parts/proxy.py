"""The proxy: a traefik that `daisy-hub up` starts, so that it outlives the hub."""

from typing import Any

from daisy_hub.routes import page_of_servers_that_are_away
from daisy_hub.settings import Settings
from daisy_hub.traefik import (
    API_USER,
    ENCRYPTED,
    ENTRY_POINTS,
    certificates,
    dynamic_file,
)


def apply(config: Any, settings: Settings) -> None:
    """Let the hub write routes for the running traefik."""
    config.JupyterHub.proxy_class = "daisy_hub.routes.DaisyProxy"
    proxy = config.DaisyProxy
    proxy.should_start = False
    proxy.traefik_api_url = settings.url("proxy-api")
    proxy.traefik_api_username = API_USER
    proxy.traefik_api_password = settings.proxy_password
    proxy.dynamic_config_file = str(dynamic_file(settings))
    proxy.traefik_entrypoint, proxy.traefik_api_entrypoint = ENTRY_POINTS
    proxy.extra_dynamic_config = page_of_servers_that_are_away()
    if settings.tls is not None:
        proxy.entry_points = [ENCRYPTED]
        proxy.extra_dynamic_config |= certificates(settings)

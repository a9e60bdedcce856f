"""Containers on one host: hub and proxy in one, each account's server in another."""

from typing import Any

from daisy_hub.container_settings import LAB_ENVIRONMENT

DEFAULTS: dict[str, Any] = {
    # as the servers see it, inside the image
    "user_environment": LAB_ENVIRONMENT,
}

"""What roles may do at the hub; who has them is said at the login."""

from typing import Any

from daisy_hub.identity.roles import HUB_SCOPES, hub_role
from daisy_hub.settings import Settings


def apply(config: Any, settings: Settings) -> None:
    """Add the roles, with nobody in them."""
    config.JupyterHub.load_roles.extend(hub_role(name) for name in HUB_SCOPES)

"""The hub itself: addresses, database, secrets, pages."""

from pathlib import Path
from typing import Any

from daisy_hub.announcements import Announcement
from daisy_hub.databases import database_url
from daisy_hub.deeds import log_and_audit
from daisy_hub.settings import Settings

TEMPLATES = Path(__file__).parent.parent / "templates"
LOGO = Path(__file__).parent.parent / "static" / "daisy.svg"


def apply(config: Any, settings: Settings) -> None:
    """Set addresses and files; servers outlive the hub."""
    hub = config.JupyterHub
    hub.bind_url = settings.url("public")
    if settings.tls is not None:
        hub.public_url = settings.public_url
    hub.hub_bind_url = settings.url("hub")
    hub.db_url = database_url(settings, "hub")
    # of another JupyterHub: `daisy-hub up` has backed it up, unless it is PostgreSQL
    hub.upgrade_db = settings.database is None
    hub.cookie_secret_file = str(settings.state / "cookie-secret")
    # a hub that ends, on purpose or not, leaves the servers and routes alone
    hub.cleanup_servers = False
    hub.cleanup_proxy = False
    hub.template_paths = [str(TEMPLATES)]
    hub.logo_file = str(LOGO)
    hub.template_vars = {"announcement": Announcement.of(settings)}
    hub.oauth_require_pkce = True
    hub.tornado_settings = {"log_function": log_and_audit}
    # starts wait for their turn (starting/turns.py) instead of being turned away
    hub.concurrent_spawn_limit = 0
    # each service adds itself, and the scope that reaches it
    hub.services, hub.extra_user_scopes = [], []

"""Who may log in: the local accounts, and nobody else."""

from typing import Any

from daisy_hub.settings import Settings


def apply(config: Any, settings: Settings) -> None:
    """Use the local accounts."""
    config.JupyterHub.authenticator_class = "daisy_hub.authenticator.LocalAccounts"
    # whom the accounts file knows is allowed; the file is the list
    config.Authenticator.allow_all = True
    # a removed account's session ends within a minute
    config.Authenticator.auth_refresh_age = 60

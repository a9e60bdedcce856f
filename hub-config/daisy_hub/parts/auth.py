"""Who may log in: accounts of this hub or of a provider, and nobody else."""

from typing import Any

from daisy_hub.settings import Settings

AUTHENTICATORS = {
    "local": "daisy_hub.identity.local.LocalAccounts",
    "oidc": "daisy_hub.identity.oidc.OidcAccounts",
}


def apply(config: Any, settings: Settings) -> None:
    """Use the way of logging in that is set."""
    config.JupyterHub.authenticator_class = AUTHENTICATORS[settings.identity]
    authenticator = config.Authenticator
    # whom `authenticate` returns has an account that may be here: nobody else comes
    authenticator.allow_all = True
    authenticator.manage_groups = True
    authenticator.manage_roles = True
    authenticator.auth_refresh_age = 60
    # a token is refused as a cookie is when its account has ended
    authenticator.auth_refresh_strict = True
    if settings.identity == "oidc":
        _apply_oidc(config, settings)


def _apply_oidc(config: Any, settings: Settings) -> None:
    options = settings.oidc
    if options is None:
        raise TypeError("the settings have no [oidc]")
    config.Authenticator.auth_refresh_age = options.refresh_seconds
    # with the provider's tokens: by them it is asked for the groups of today
    config.Authenticator.enable_auth_state = True
    config.CryptKeeper.keys = [settings.auth_state_key]
    oidc = config.OidcAccounts
    oidc.login_service = options.provider_name
    oidc.client_id = options.client_id
    oidc.scope = list(options.scopes)
    oidc.enable_pkce = True
    if options.callback_url:
        oidc.oauth_callback_url = options.callback_url

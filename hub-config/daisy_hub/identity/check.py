"""What must be true of the login before the hub is started."""

from collections.abc import Iterator

from daisy_hub.homes import accounts_of
from daisy_hub.identity.roles import NAMES, is_role
from daisy_hub.settings import Settings


def identity_problems(settings: Settings) -> Iterator[str]:
    """Say what is wrong with the login, and what to do."""
    yield from _roles(settings)
    yield from _scopes(settings)
    if settings.identity == "oidc":
        yield from _client_secret(settings)


def _scopes(settings: Settings) -> Iterator[str]:
    """Look whether JupyterHub knows all rights that are given to anybody.

    One that it does not know would be found at a login, or not at all.
    """
    from jupyterhub.scopes import scope_definitions
    from traitlets.config import Config

    from daisy_hub.parts import apply_all

    config = Config()
    apply_all(config, settings)
    given = {
        "every user": config.JupyterHub.extra_user_scopes,
        "every server": config.Spawner.server_token_scopes,
        **{role["name"]: role["scopes"] for role in config.JupyterHub.load_roles},
    }
    for who, scopes in given.items():
        unknown = [s for s in scopes if s.partition("!")[0] not in scope_definitions]
        if unknown:
            yield (
                f"JupyterHub does not know the scopes {', '.join(unknown)}, which "
                f"{who} has. Is its version the one of the lock file?"
            )


def _client_secret(settings: Settings) -> Iterator[str]:
    if settings.oidc is None:
        return
    path = settings.oidc.client_secret_file
    try:
        mode = path.stat().st_mode & 0o777
        secret = settings.oidc.client_secret()
    except OSError as error:
        yield f"oidc.client_secret_file: {path}: {error.strerror}."
        return
    if mode & 0o077:
        yield f"{path} can be read by others. Run: chmod 600 {path}"
    if not secret:
        yield f"{path} is empty. Put the secret there that the provider gave this hub."


def _roles(settings: Settings) -> Iterator[str]:
    for account in accounts_of(settings).all():
        for role in account.roles:
            if not is_role(role):
                yield f"{account.name} has the role {role!r}. Roles are: {NAMES}."

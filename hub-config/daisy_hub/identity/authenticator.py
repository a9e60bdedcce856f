"""What all ways of logging in share: the account decides, and the hub follows it."""

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator
from tornado.web import HTTPError

from daisy_hub import audit
from daisy_hub.accounts import Account
from daisy_hub.consents import Consents, looks_of
from daisy_hub.homes import accounts_of
from daisy_hub.identity.guard import Guard
from daisy_hub.identity.refusal import LoginRefused
from daisy_hub.identity.roles import USER, hub_role, hub_roles_of, look_role
from daisy_hub.identity.standing import why_ended, why_name_ended
from daisy_hub.settings import Settings, load


class DaisyAuthenticator(Authenticator):
    """Sessions, tokens and servers live as long as the account of their user.

    A way of logging in implements `authenticate`, and `ask_again` where somebody else
    has to be asked whether an account still stands.
    """

    def get_handlers(self, app: Any) -> list[Any]:
        """Give the pages of the login; the hub is up now, and its guard is set."""
        self._user_scopes = ["self", *app.extra_user_scopes]
        self._guard = asyncio.ensure_future(Guard(app, self).run())
        handlers: list[Any] = super().get_handlers(app)
        return handlers

    async def ask_again(self, user: Any) -> None:
        """Bring the account up to date; a local one always is."""

    async def refresh_user(self, user: Any, handler: Any = None) -> Any:
        """Whether a session or a token goes on, and with which groups and roles."""
        if handler is not None:
            # JupyterHub 6.1 reads this of handlers that it has not set it for
            vars(handler).setdefault("_token_authenticated", False)
        await self.ask_again(user)
        settings = load()
        account = accounts_of(settings).find(user.name)
        if account is None or why_ended(account, settings):
            return False
        return True if self._knows(user, account) else self.model(account)

    def pre_spawn_start(self, user: Any, spawner: Any) -> None:
        """Start no server of an account that has ended, whoever asks for it."""
        if why := why_name_ended(user.name, load()):
            raise HTTPError(403, f"No server is started. {why}")
        settings = load()
        # who agreed to be looked at meant the server that ran then
        Consents.of(settings).end(user.name)
        who = getattr(getattr(spawner, "handler", None), "_jupyterhub_user", None)
        actor = str(getattr(who, "name", user.name))
        try:
            audit.record(settings, "server.starting", actor=actor, account=user.name)
        except OSError as error:
            # what cannot be written down is not done
            raise HTTPError(
                503,
                "No server is started: the hub cannot write its audit log "
                f"({error.strerror}). Tell {settings.contact}.",
            ) from error

    def post_spawn_stop(self, user: Any, spawner: Any) -> None:
        """Note that a server has ended, however it did."""
        audit.record(load(), "server.ended", actor="daisy-hub", account=user.name)

    def model(self, account: Account) -> dict[str, Any]:
        """Describe an account as JupyterHub wants it; nobody is its admin."""
        return {
            "name": account.name,
            "admin": False,
            "groups": list(account.groups),
            "roles": self.hub_roles(account),
        }

    def hub_roles(self, account: Account) -> list[dict[str, Any]]:
        """Describe the hub's roles of an account."""
        scopes = getattr(self, "_user_scopes", ["self"])
        user = {"name": USER, "scopes": list(scopes)}
        looks = looks_of(account.name, account.roles, load())
        return [
            *(
                user if name == USER else hub_role(name)
                for name in hub_roles_of(account.roles)
            ),
            *map(look_role, looks),
        ]

    def _knows(self, user: Any, account: Account) -> bool:
        """Whether the hub's database says the same of somebody as the account."""
        groups = {group.name for group in user.orm_user.groups}
        roles = {role.name for role in user.orm_user.roles}
        return (
            groups == set(account.groups)
            and roles == {role["name"] for role in self.hub_roles(account)}
            and not user.admin
        )

    async def load_managed_roles(self) -> list[dict[str, Any]]:
        """Add none: the hub's roles are in its configuration, with nobody in them."""
        return []

    def admit(self, account: Account, handler: Any) -> dict[str, Any]:
        """Log somebody in who has shown who they are.

        Raises
        ------
        LoginRefused
            The account has ended.
        """
        settings = load()
        if why := why_ended(account, settings):
            raise LoginRefused(why, known_as=account.name)
        note(settings, "login.accepted", handler, account.name)
        return self.model(account)


def note(
    settings: Settings, event: str, handler: Any, actor: str, **details: Any
) -> None:
    """Write a login into the audit log, with the address that it came from."""
    if handler is not None:
        details["address"] = handler.request.remote_ip
    audit.record(settings, event, actor=actor, **details)

"""Login with an OpenID Connect provider.

JupyterHub's oauthenticator leads the browser (state, PKCE, redirects); `provider` talks
to the provider; an account is made for whoever is admitted, and for nobody else.
"""

import asyncio
import hashlib
import time
from base64 import urlsafe_b64encode
from collections import defaultdict
from functools import cached_property
from typing import Any

from jupyterhub import orm
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import (
    OAuthCallbackHandler,
    OAuthLoginHandler,
    _deserialize_state,
)
from tornado.log import app_log

from daisy_hub import audit
from daisy_hub.accounts import Account, AccountError
from daisy_hub.homes import accounts_of
from daisy_hub.identity.alarm import provider_alarm
from daisy_hub.identity.authenticator import DaisyAuthenticator, note
from daisy_hub.identity.claims import (
    ClaimInvalid,
    Person,
    account_name,
    admitted,
    person_of,
)
from daisy_hub.identity.options import OidcOptions
from daisy_hub.identity.provider import Provider, ProviderRefuses, ProviderSilent
from daisy_hub.identity.refusal import LoginRefused
from daisy_hub.identity.vouched import Vouched
from daisy_hub.settings import load

UNAVAILABLE = 503
LATER = "Who is logged in can go on. Try again in a minute."
REST_SECONDS = 15.0  # a provider that is silent is left alone so long


class OidcLogin(OAuthLoginHandler):
    """Sends the browser to the provider, if there is one to send it to."""

    async def get(self) -> None:
        """Ask the provider where to, or say that it does not answer."""
        authenticator = self.authenticator
        try:
            addresses = await authenticator.provider.addresses(fresh=True)
        except ProviderSilent as error:
            await refuse(self, authenticator.silence(error))
            return
        authenticator.authorize_url = addresses["authorization_endpoint"]
        super().get()

    def authorize_redirect(self, **options: Any) -> None:
        """Bind the ID token to this login: the nonce is what PKCE sends anyway."""
        extra = options["extra_params"]
        extra["nonce"] = extra["code_challenge"]
        if self.get_argument("again", ""):
            extra["prompt"] = "login"  # as somebody else
        super().authorize_redirect(**options)


class OidcCallback(OAuthCallbackHandler):
    """Takes the browser back from the provider."""

    async def get(self) -> None:
        """Log in, or show why not."""
        try:
            await super().get()
        except LoginRefused as refused:
            who = refused.known_as or "unknown"
            note(load(), "login.refused", self, who, reason=refused.reason)
            await refuse(self, refused)


class OidcAccounts(DaisyAuthenticator, GenericOAuthenticator):
    """Whoever the provider confirms and one of the allowed groups admits."""

    login_handler = OidcLogin
    callback_handler = OidcCallback

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._asked: dict[str, float] = {}
        self._silent_until = 0.0

    @cached_property
    def options(self) -> OidcOptions:
        """What the operator has set."""
        options = load().oidc
        if options is None:
            raise TypeError("the settings have no [oidc]")
        return options

    @cached_property
    def _vouched(self) -> Vouched:
        return Vouched(self.options)

    @cached_property
    def provider(self) -> Provider:
        """The provider, who knows this hub by the secret in a file."""
        return Provider(self.options, self.options.client_secret())

    async def authenticate(self, handler: Any, data: Any = None, **_: Any) -> Any:
        """Return whom the hub logs in.

        Raises
        ------
        LoginRefused
        """
        if not isinstance(handler, OAuthCallbackHandler):
            return None  # the form of the login page, sent by hand
        tokens, person = await self._confirmed(handler)
        account = await asyncio.to_thread(self._account, person)
        self._asked[account.name] = time.monotonic()
        return {**self.admit(account, handler), "auth_state": _kept(tokens)}

    async def ask_again(self, user: Any) -> None:
        """Ask the provider for somebody's groups, unless that was done just now.

        A provider that is silent changes nothing; one that does not know the session
        any more ends the hub's pages, and the server some hours later.
        """
        async with self._locks[user.name]:
            account = accounts_of(load()).find(user.name)
            if account is None or account.subject is None or self._rests(user.name):
                return
            if account.unconfirmed is not None:
                return  # its tokens are dead; a login brings new ones
            try:
                claims = await self._claims_again(user)
            except ProviderSilent as error:
                self._silent_until = time.monotonic() + REST_SECONDS
                app_log.warning("%s does not answer: %s", self.options.issuer, error)
                return
            except ProviderRefuses as error:
                self._not_confirmed(user, str(error))
            else:
                self._update(user.name, claims)
            self._asked[user.name] = time.monotonic()

    def _rests(self, name: str) -> bool:
        """Whether nothing is asked now: it was just done, or nobody answers."""
        now, asked = time.monotonic(), self._asked.get(name)
        recent = asked is not None and now - asked < self.options.refresh_seconds
        return recent or now < self._silent_until

    def silence(self, error: Exception) -> LoginRefused:
        """Make a refusal of the provider's silence."""
        app_log.warning("%s does not answer: %s", self.options.issuer, error)
        return LoginRefused(
            f"{self.options.provider_name} does not answer.",
            missing=LATER,
            status=UNAVAILABLE,
        )

    async def _confirmed(self, handler: Any) -> tuple[dict[str, Any], Person]:
        """Take tokens for the browser's code, and what the provider says with them."""
        parameters = self.build_access_tokens_request_params(handler)
        for name in ("client_id", "client_secret", "data"):
            parameters.pop(name, None)  # the provider's own way of knowing us is used
        try:
            tokens = await self.provider.exchange(parameters)
            signed = await self.provider.verified(
                tokens.get("id_token", ""), _nonce(handler)
            )
            claims = await self.provider.claims(tokens["access_token"])
            if claims["sub"] != signed["sub"]:
                raise ProviderRefuses("claims and ID token are of different people")
            return tokens, person_of(claims, self.options)
        except ProviderSilent as error:
            raise self.silence(error) from error
        except ProviderRefuses as error:
            raise LoginRefused(
                f"This login is not good: {error}.", missing="a new login"
            ) from error
        except ClaimInvalid as error:
            raise LoginRefused(str(error)) from error

    def _account(self, person: Person) -> Account:
        """Return the account of whoever is admitted; make it at the first login."""
        options, settings = self.options, load()
        if not admitted(person.groups, person.roles, options):
            if provider_alarm(settings) and not person.groups:
                raise LoginRefused(
                    f"{options.provider_name} gives groups to nobody now.",
                    known_as=str(person.called),
                    missing=LATER,
                    status=UNAVAILABLE,
                )
            raise LoginRefused(
                "None of your groups may use this hub.",
                known_as=str(person.called),
                missing=_wanted(options),
            )
        accounts = accounts_of(settings)
        try:
            known = accounts.name_of(person.subject)
            name = known or account_name(person, options)
            account = accounts.adopt(person.subject, name, person.uid)
        except (AccountError, ClaimInvalid) as error:
            raise LoginRefused(str(error), known_as=str(person.called)) from error
        if known is None:
            audit.record(settings, "account.made", actor=account.name,
                         account=account.name, uid=account.uid,
                         subject=person.subject)  # fmt: skip
        return self._vouched.put_in_force(settings, accounts, account, person)

    async def _claims_again(self, user: Any) -> dict[str, Any]:
        state = await user.get_auth_state()
        if not state:
            raise ProviderRefuses("the hub holds no token of this session")
        try:
            return await self.provider.claims(state["access_token"])
        except ProviderRefuses:
            if not state.get("refresh_token"):
                raise
        tokens = await self.provider.refreshed(state["refresh_token"])
        # at once: the old refresh token is not good any more
        await user.save_auth_state(_kept(tokens))
        user.db.commit()
        try:
            return await self.provider.claims(tokens["access_token"])
        except ProviderRefuses as error:
            raise ProviderSilent(f"a token that it has just given: {error}") from error

    def _update(self, name: str, claims: dict[str, Any]) -> None:
        """Store what the provider says now; nonsense is taken for silence."""
        settings = load()
        accounts = accounts_of(settings)
        account = accounts.find(name)
        if account is None:
            return
        try:
            person = person_of(claims, self.options)
            if person.subject != account.subject:
                raise ClaimInvalid("these are somebody else's claims")
        except ClaimInvalid as error:
            app_log.warning("the claims of %s are not taken: %s", name, error)
            return
        self._vouched.put_in_force(settings, accounts, account, person)

    def _not_confirmed(self, user: Any, why: str) -> None:
        """Note since when; the pages of the hub ask for a login."""
        accounts = accounts_of(load())
        account = accounts.find(user.name)
        if account is None or account.unconfirmed is not None:
            return
        accounts.change(user.name, unconfirmed=time.time())
        user.orm_user.cookie_id = orm.new_token()
        user.db.commit()
        app_log.info("%s has to log in again: %s", user.name, why)


async def refuse(handler: Any, refused: LoginRefused) -> None:
    """Show the page of a refused login."""
    handler.set_status(refused.status)
    login = f"{handler.hub.base_url}oauth_login"
    page = await handler.render_template(
        "refused.html",
        refused=refused,
        provider=handler.authenticator.options.provider_name,
        contact=load().contact,
        again=login if refused.status == UNAVAILABLE else f"{login}?again=1",
    )
    handler.finish(page)


def _kept(tokens: dict[str, Any]) -> dict[str, str]:
    """Return what has to be kept of the provider's answer: enough to ask again."""
    return {k: tokens[k] for k in ("access_token", "refresh_token") if k in tokens}


def _nonce(handler: Any) -> str:
    """Return the nonce of this browser's login: the hash of its PKCE secret."""
    verifier = _deserialize_state(handler.get_state_cookie())["code_verifier"]
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _wanted(options: OidcOptions) -> str:
    names = sorted({*options.allowed_groups, *options.roles})
    return f"membership in one of {', '.join(names)}" if names else "a role at this hub"

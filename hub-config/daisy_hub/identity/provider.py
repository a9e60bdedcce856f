"""The hub's own conversation with an OpenID Connect provider.

Requirements: an answer, a refusal and silence are three things. What is no clear
refusal is silence, and silence changes nothing for anybody who is logged in.
"""

import json
import re
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import jwt
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from daisy_hub.identity.options import OidcOptions, safe_address

SECONDS = 5.0  # to wait for an answer
KEPT_SECONDS = 3600.0  # addresses and keys are asked for again after this time
# a provider's own keys only: with a shared secret a client could sign for it
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
              "ES512", "EdDSA")  # fmt: skip
CLOCKS_DIFFER = 60  # seconds
UNAUTHORIZED = 401
REFUSALS = "invalid_grant", "invalid_token"  # the standard's words for: log in again
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint",
             "jwks_uri")  # fmt: skip


class ProviderSilent(Exception):
    """The provider does not answer, or says nothing that can be used."""


class ProviderRefuses(Exception):
    """The provider has said no: a code or token is not, or no longer, good."""


class Provider:
    """One provider, as its discovery document describes it.

    Parameters
    ----------
    secret
        The client's, by which the provider knows this hub.
    """

    def __init__(self, options: OidcOptions, secret: str) -> None:
        self.options = options
        self._secret = secret
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    async def addresses(self, *, fresh: bool = False) -> dict[str, Any]:
        """Return the discovery document.

        Raises
        ------
        ProviderSilent
        """
        issuer = self.options.issuer.rstrip("/")
        url = f"{issuer}/.well-known/openid-configuration"
        document = await self._document(url, fresh)
        if document.get("issuer", "").rstrip("/") != issuer:
            raise ProviderSilent(f"{url} is of {document.get('issuer')!r}")
        try:
            for name in ENDPOINTS:
                safe_address(document[name])
        except (KeyError, ValueError) as error:
            raise ProviderSilent(f"{url} has no safe {error}") from error
        return document

    async def exchange(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Take the tokens for a code.

        Raises
        ------
        ProviderSilent, ProviderRefuses
        """
        return await self._tokens(parameters)

    async def refreshed(self, refresh_token: str) -> dict[str, Any]:
        """Take new tokens; the old refresh token may not be good any more.

        Raises
        ------
        ProviderSilent, ProviderRefuses
        """
        fresh = await self._tokens(
            {"grant_type": "refresh_token", "refresh_token": refresh_token}
        )
        return {"refresh_token": refresh_token, **fresh}

    async def claims(self, access_token: str) -> dict[str, Any]:
        """Ask what the provider says now about whom a token was given for.

        Raises
        ------
        ProviderSilent, ProviderRefuses
        """
        url = (await self.addresses())["userinfo_endpoint"]
        headers = {"Authorization": f"Bearer {access_token}"}
        claims = await self._ask(HTTPRequest(url, headers=headers))
        if not claims.get("sub"):
            raise ProviderSilent(f"{url} does not say whose claims these are")
        return claims

    async def verified(self, id_token: str, nonce: str) -> dict[str, Any]:
        """Check an ID token: signed by the provider, for this hub, for this login.

        Raises
        ------
        ProviderSilent, ProviderRefuses
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                await self._key(jwt.get_unverified_header(id_token).get("kid")),
                algorithms=ALGORITHMS,
                audience=self.options.client_id,
                issuer=(await self.addresses())["issuer"],
                leeway=CLOCKS_DIFFER,
                options={"require": ["exp", "iat", "sub", "nonce"]},
            )
        except jwt.PyJWTError as error:
            raise ProviderRefuses(f"the ID token is not good: {error}") from error
        if claims["nonce"] != nonce:
            raise ProviderRefuses("the ID token is of another login")
        return claims

    async def _key(self, name: str | None) -> Any:
        url = (await self.addresses())["jwks_uri"]
        for fresh in (False, True):  # keys are replaced from time to time
            keys = jwt.PyJWKSet.from_dict(await self._document(url, fresh)).keys
            for key in keys:
                if name in (key.key_id, None):
                    return key
        raise jwt.InvalidKeyError(f"the provider has no key {name}")

    async def _document(self, url: str, fresh: bool) -> dict[str, Any]:
        """Return a public document, kept for a while."""
        when, document = self._kept.get(url, (0.0, {}))
        if fresh or not document or time.monotonic() - when > KEPT_SECONDS:
            try:
                document = await self._ask(HTTPRequest(url))
            except ProviderRefuses as error:
                raise ProviderSilent(str(error)) from error
            self._kept[url] = time.monotonic(), document
        return document

    async def _tokens(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        addresses = await self.addresses()
        fields, headers = dict(parameters), {}
        # the standard's default, where the provider does not say
        methods = addresses.get("token_endpoint_auth_methods_supported")
        if methods is None or "client_secret_basic" in methods:
            pair = f"{quote(self.options.client_id)}:{quote(self._secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            fields["client_id"] = self.options.client_id
            fields["client_secret"] = self._secret
        tokens = await self._ask(
            HTTPRequest(
                addresses["token_endpoint"],
                method="POST",
                headers=headers,
                body=urlencode(fields),
            )
        )
        if not tokens.get("access_token"):
            raise ProviderSilent("the provider's answer has no access token")
        return tokens

    async def _ask(self, request: HTTPRequest) -> dict[str, Any]:
        request.connect_timeout = request.request_timeout = SECONDS
        request.follow_redirects = False  # a token must not go anywhere else
        request.headers["Accept"] = "application/json"
        try:
            answer = await AsyncHTTPClient().fetch(request)
            content = json.loads(answer.body)
        except HTTPClientError as error:
            if _is_refusal(error):
                raise ProviderRefuses(
                    f"the provider answers {_words(error)}"
                ) from error
            raise ProviderSilent(f"{request.url}: {_words(error)}") from error
        except (OSError, ValueError) as error:
            raise ProviderSilent(f"{request.url}: {error}") from error
        if not isinstance(content, dict):
            raise ProviderSilent(f"{request.url} answers no JSON object")
        return content


def _is_refusal(error: HTTPClientError) -> bool:
    """Whether an answer is about the token: not the hub's own fault, nor a proxy's."""
    asked_for_a_token = "Bearer" in _challenge(error)
    bare = error.code == UNAUTHORIZED and asked_for_a_token and not _code(error)
    return _code(error) in REFUSALS or bare


def _code(error: HTTPClientError) -> str:
    """Return the standard's word for an error, "" if there is none."""
    body = error.response.body if error.response else b""
    try:
        return str(json.loads(body)["error"])
    except (KeyError, TypeError, ValueError):
        found = re.search(r'error="(\w+)"', _challenge(error))
        return found[1] if found else ""


def _challenge(error: HTTPClientError) -> str:
    headers = error.response.headers if error.response else {}
    return str(headers.get("WWW-Authenticate", ""))


def _words(error: HTTPClientError) -> str:
    return f"{error.code} {_code(error) or error.message}"

"""The service: `clusters/<name>/...` shows the pages of a cluster to who may see them.

Pages are looked at, not changed: GET and websockets only.
"""

import asyncio
import logging
import os
from typing import Any
from urllib.parse import urlparse

from jupyterhub.services.auth import (
    HubOAuth,
    HubOAuthCallbackHandler,
    HubOAuthenticated,
)
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httputil import HTTPHeaders
from tornado.web import Application, HTTPError, authenticated
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketHandler,
    websocket_connect,
)

from daisy_hub.dashboards.places import Dashboard, Dashboards
from daisy_hub.homes import accounts_of
from daisy_hub.settings import Settings, load
from daisy_hub.watching.parent import end_with_parent

SECRET_HEADER = "X-Daisy-Dashboard"
SUPPORT = "support"
SECONDS = 30.0
TOKEN_SECONDS = 5  # a session that the hub has ended is refused after this time
PASSED_ON = "Content-Type", "Cache-Control", "Etag", "Last-Modified"


class DashboardHandler(HubOAuthenticated, WebSocketHandler):
    """Pass requests on to the scheduler of a cluster."""

    settings_of_hub: Settings
    dashboards: Dashboards
    upstream: WebSocketClientConnection | None = None

    def initialize(self, shared: dict[str, Any]) -> None:
        """Take what all requests share."""
        self.settings_of_hub, self.dashboards = shared["settings"], shared["places"]
        self.hub_auth = shared["auth"]

    @authenticated
    async def get(self, name: str, path: str) -> None:  # type: ignore[override]
        """Show a page, or join a websocket."""
        dashboard = self._may_see(name)
        if self.request.headers.get("Upgrade", "").lower() == "websocket":
            await self._join(dashboard, path)
        else:
            await self._show(dashboard, name, path)

    def _may_see(self, name: str) -> Dashboard:
        """Return a page, if the caller is its owner or of support.

        The answer is the same for a cluster of somebody else as for none.
        """
        caller = str(self.current_user["name"])
        found = self.dashboards.find(name)
        if found is None or (found.owner != caller and not self._is_support(caller)):
            raise HTTPError(404, reason="There is no such cluster of yours")
        return found

    def _is_support(self, name: str) -> bool:
        known = {a.name: a.roles for a in accounts_of(self.settings_of_hub).all()}
        return SUPPORT in known.get(name, ())

    async def _show(self, dashboard: Dashboard, name: str, path: str) -> None:
        request = HTTPRequest(
            _address(dashboard, path, self.request.query),
            headers={SECRET_HEADER: dashboard.secret},
            follow_redirects=False,
            request_timeout=SECONDS,
            decompress_response=True,
        )
        try:
            answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        except OSError as error:
            raise HTTPError(502, reason="The cluster does not answer") from error
        self.set_status(answer.code)
        for header in PASSED_ON:
            if header in answer.headers:
                self.set_header(header, answer.headers[header])
        if to := answer.headers.get("Location"):
            self.set_header("Location", self._moved(to, name))
        self.finish(answer.body)

    def _moved(self, to: str, name: str) -> str:
        """Return where a page has moved to, as a browser reaches it."""
        top = f"{self.hub_auth.base_url}clusters/{name}"
        return f"{top}{to}" if to.startswith("/") else to

    async def _join(self, dashboard: Dashboard, path: str) -> None:
        asked = self.request.headers.get("Sec-WebSocket-Protocol", "")
        address = _address(dashboard, path, self.request.query)
        try:
            self.upstream = await websocket_connect(
                HTTPRequest(
                    address.replace("http", "ws", 1),
                    headers=HTTPHeaders({SECRET_HEADER: dashboard.secret}),
                    connect_timeout=SECONDS,
                ),
                on_message_callback=self._tell,
                subprotocols=[word.strip() for word in asked.split(",") if word],
                max_message_size=2**27,
            )
        except OSError as error:
            raise HTTPError(502, reason="The cluster does not answer") from error
        await super().get()

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Answer with what the scheduler has chosen."""
        return self.upstream.selected_subprotocol if self.upstream else None

    def _tell(self, message: str | bytes | None) -> None:
        if message is None:
            self.close()
            return
        try:
            self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            self.on_close()

    async def on_message(self, message: str | bytes) -> None:
        """Pass on what the page says."""
        if self.upstream is not None:
            try:
                await self.upstream.write_message(message, isinstance(message, bytes))
            except WebSocketClosedError:
                self.close()

    def on_close(self) -> None:
        """Leave the scheduler."""
        if self.upstream is not None:
            self.upstream.close()


def _address(dashboard: Dashboard, path: str, query: str) -> str:
    return f"{dashboard.address}/{path}" + (f"?{query}" if query else "")


def application(settings: Settings, auth: HubOAuth, prefix: str) -> Application:
    """Make the routes below the prefix that the hub has given."""
    places = Dashboards(settings.dashboards)
    shared = {"settings": settings, "places": places, "auth": auth}
    callback = {"hub_auth": auth}
    return Application(
        [
            (rf"{prefix}oauth_callback", _Callback, callback),
            (rf"{prefix}clusters/([^/]+)/?(.*)", DashboardHandler, {"shared": shared}),
        ],
        cookie_secret=os.urandom(32),
    )


class _Callback(HubOAuthCallbackHandler):
    def initialize(self, hub_auth: HubOAuth) -> None:
        self.hub_auth = hub_auth


async def serve(settings: Settings) -> None:
    """Answer until the hub ends."""
    end_with_parent()
    auth = HubOAuth(cache_max_age=TOKEN_SECONDS)
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    address = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
    application(settings, auth, prefix).listen(address.port or 80, address.hostname)
    await asyncio.Event().wait()


def main() -> None:
    """Run the service, as the hub starts it."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    logging.getLogger("tornado.access").setLevel(logging.WARNING)
    asyncio.run(serve(load()))

"""The hub's routes at the proxy: reached by HTTP inside, and by HTTPS from outside.

A server that has just ended has its route until the hub looks; the proxy shows
the page 502.html of the hub meanwhile, which looks again by itself.
"""

from typing import Any

from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from jupyterhub_traefik_proxy.traefik_utils import generate_alias
from traitlets import List, Unicode, default

AWAY = "server-away"
# the server refuses connections; its machine or container is not there any more
AWAY_STATUS = ["502", "504"]
SERVERS = "/user/"


class DaisyProxy(TraefikFileProviderProxy):
    """Writes each route for all entry points that people and servers come by."""

    entry_points = List(
        Unicode(), config=True, help="entry points beside `traefik_entrypoint`"
    )

    @default("dynamic_config")
    def _kept_routes(self) -> dict[str, Any]:
        """Read the routes of an earlier hub, whose entry points were others maybe."""
        found: dict[str, Any] = self._load_dynamic_config()
        own = found["jupyterhub"]["routes"]
        for name, router in found["http"]["routers"].items():
            if name in own:
                self._complete(own[name]["routespec"], router)
        found.pop("tls", None)  # said anew where it is set
        return found

    def _dynamic_config_for_route(
        self, routespec: str, target: str, data: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        routes, known = super()._dynamic_config_for_route(routespec, target, data)
        for router in routes["http"]["routers"].values():
            self._complete(routespec, router)
        return routes, known

    def _complete(self, routespec: str, router: dict[str, Any]) -> None:
        router["entryPoints"] = [self.traefik_entrypoint, *self.entry_points]
        if routespec.startswith(SERVERS):
            router["middlewares"] = [AWAY]


def page_of_servers_that_are_away() -> dict[str, Any]:
    """Return the part of the routes' file that has the hub say so."""
    page = {
        "status": AWAY_STATUS,
        "service": generate_alias("/", "service"),
        "query": "/hub/error/502",
    }
    return {"http": {"middlewares": {AWAY: {"errors": page}}}}

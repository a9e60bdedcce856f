"""The hub's routes at the proxy: reached by HTTP inside, and by HTTPS from outside."""

from typing import Any

from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from traitlets import List, Unicode


class DaisyProxy(TraefikFileProviderProxy):
    """Writes each route for all entry points that people and servers come by."""

    entry_points = List(
        Unicode(), config=True, help="entry points beside `traefik_entrypoint`"
    )

    def _dynamic_config_for_route(
        self, routespec: str, target: str, data: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        routes, known = super()._dynamic_config_for_route(routespec, target, data)
        for router in routes["http"]["routers"].values():
            router["entryPoints"] = [*router["entryPoints"], *self.entry_points]
        return routes, known

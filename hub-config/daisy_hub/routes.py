"""The hub's routes at the proxy: reached by HTTP inside, and by HTTPS from outside."""

from typing import Any

from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from traitlets import List, Unicode, default


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
                router["entryPoints"] = self._all_entry_points
        found.pop("tls", None)  # said anew where it is set
        return found

    def _dynamic_config_for_route(
        self, routespec: str, target: str, data: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        routes, known = super()._dynamic_config_for_route(routespec, target, data)
        for router in routes["http"]["routers"].values():
            router["entryPoints"] = self._all_entry_points
        return routes, known

    @property
    def _all_entry_points(self) -> list[str]:
        return [self.traefik_entrypoint, *self.entry_points]

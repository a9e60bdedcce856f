"""A back end whose clusters have pages for their owners alone."""

from typing import Any

from dask_gateway_server.backends.db_base import DBBackendBase

from daisy_hub.dashboards.places import Dashboard, Dashboards
from daisy_hub.settings import load


class GuardedPages(DBBackendBase):
    """Give the pages of clusters no public route; tell the service that guards them."""

    async def _check_cluster_proxied(self, cluster: Any) -> None:
        """Make a route to the scheduler, and none to its pages."""
        if not cluster.added_to_proxies:
            if cluster.dashboard_address:
                page = Dashboard(
                    cluster.username, cluster.dashboard_address, cluster.token
                )
                _dashboards().put(cluster.name, page)
            await self.proxy.add_route(
                kind="SNI", sni=cluster.name, target=cluster.scheduler_address
            )
            cluster.added_to_proxies = True

    async def _cluster_to_stopped(self, cluster: Any) -> None:
        """Forget the pages with the cluster."""
        _dashboards().forget(cluster.name)
        await super()._cluster_to_stopped(cluster)


def _dashboards() -> Dashboards:
    return Dashboards(load().dashboards)

"""Clusters end with the account of their owner."""

from typing import Any

from daisy_hub.identity.standing import why_name_ended
from daisy_hub.settings import load


class EndsWithAccount:
    """For a back end of Dask-Gateway: a look at the owners with every other check."""

    async def _check_timeouts(self: Any) -> None:
        await super()._check_timeouts()  # type: ignore[misc]
        settings = load()
        for cluster in list(self.db.active_clusters()):
            if why := why_name_ended(cluster.username, settings):
                self.log.warning("Cluster %s is ended. %s", cluster.name, why)
                await self.stop_cluster(cluster.name)

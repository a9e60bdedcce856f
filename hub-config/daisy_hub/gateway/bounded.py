"""A back end that bounds what accounts and groups have at once.

It is mixed in before one that starts processes or containers.
"""

from collections.abc import Iterator
from typing import Any

from dask_gateway_server.backends.base import PublicException
from dask_gateway_server.backends.db_base import DBBackendBase, JobStatus

from daisy_hub import audit
from daisy_hub.gateway.limits import Limits, Use, room_for
from daisy_hub.homes import accounts_of
from daisy_hub.settings import load


class BoundedBackend(DBBackendBase):
    """Bounds on what accounts and groups have at once."""

    async def start_cluster(self, user: Any, cluster_options: dict[str, Any]) -> str:
        """Start a cluster, where the account may have one more."""
        for who, limits, clusters in self._bounds(user.name):
            names = sorted(c.name for c in clusters if c.username == user.name)
            if limits.clusters is not None and len(clusters) >= limits.clusters:
                raise PublicException(
                    f"{who} may have {limits.clusters} clusters at once, and "
                    f"{len(clusters)} are there (yours: {', '.join(names) or 'none'}). "
                    "Stop one, or use one that is there."
                )
        name: str = await super().start_cluster(user, cluster_options)
        audit.record(load(), "cluster.started", actor=user.name, cluster=name)
        return name

    async def stop_cluster(self, cluster_name: str, failed: bool = False) -> None:
        """Stop a cluster, and note it."""
        cluster = self.db.get_cluster(cluster_name)
        if cluster is not None and cluster.target <= JobStatus.RUNNING:
            audit.record(
                load(), "cluster.stopped", actor="dask-gateway",
                account=cluster.username, cluster=cluster_name, failed=failed,
            )  # fmt: skip
        await super().stop_cluster(cluster_name, failed)

    async def get_cluster(self, cluster_name: str, wait: bool = False) -> Any:
        """Return a cluster with as many workers at most as there is room for now."""
        model = await super().get_cluster(cluster_name, wait)
        return model if model is None else self._bounded(model)

    async def list_clusters(
        self, username: str | None = None, statuses: Any = None
    ) -> list[Any]:
        """List clusters with how many workers they have, and may have."""
        return [
            self._bounded(model)
            for model in await super().list_clusters(username, statuses)
        ]

    def _bounded(self, model: Any) -> Any:
        """Put what a page shows of workers into the options, which clients are told."""
        cluster = self.db.get_cluster(model.name)
        if cluster is None or not cluster.is_active():
            return model
        room = self._room(cluster)
        model.config = type(model.config)({**model.config, "cluster_max_workers": room})
        running = [w for w in cluster.workers.values() if w.status == JobStatus.RUNNING]
        counts = {"workers": len(running), "wanted": cluster.count, "most": room}
        model.options = {**model.options, **counts}
        return model

    async def on_cluster_heartbeat(
        self, cluster_name: str, msg: dict[str, Any]
    ) -> None:
        """Start no more workers than there is room for, whatever a scheduler asks."""
        cluster = self.db.get_cluster(cluster_name)
        if cluster is not None:
            msg = {**msg, "count": min(msg["count"], self._room(cluster))}
        await super().on_cluster_heartbeat(cluster_name, msg)

    def _room(self, cluster: Any) -> int:
        """Return how many workers a cluster may have beside those of others."""
        cores, memory = cluster.config.worker_cores, cluster.config.worker_memory
        own: int | None = cluster.config.get("cluster_max_workers")
        most = [] if own is None else [own]
        for _, limits, clusters in self._bounds(cluster.username):
            others = (_use(c) for c in clusters if c is not cluster)
            most.append(room_for(limits, cores, memory, others))
        return min(most)

    def _bounds(self, name: str) -> Iterator[tuple[str, Limits, list[Any]]]:
        """Give who is bounded, how, and the clusters that count."""
        settings = load()
        accounts = {a.name: {*a.groups, *a.roles} for a in accounts_of(settings).all()}
        groups = accounts.get(name, set())
        limits = settings.cluster_limits
        active = list(self.db.active_clusters())
        own = [c for c in active if c.username == name]
        yield "You", limits.of_account(groups), own
        for group, together in limits.of_groups(groups).items():
            members = {n for n, theirs in accounts.items() if group in theirs}
            shared = [c for c in active if c.username in members]
            yield f"All members of {group} together", together, shared


def _use(cluster: Any) -> Use:
    workers = max(cluster.count, len(list(cluster.active_workers())))
    return Use(workers, cluster.config.worker_cores, cluster.config.worker_memory)

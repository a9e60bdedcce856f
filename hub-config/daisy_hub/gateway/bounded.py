"""A back end that bounds what accounts and groups have at once, and in a month.

It is mixed in before one that starts processes or containers.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from dask_gateway_server.backends.base import PublicException
from dask_gateway_server.backends.db_base import DBBackendBase, JobStatus
from dask_gateway_server.routes import api_handler

from daisy_hub import audit
from daisy_hub.gateway.hours import FILE, Ledger, next_month, this_month
from daisy_hub.gateway.limits import Limits, Use, room_for
from daisy_hub.homes import accounts_of
from daisy_hub.settings import load

COUNT_EVERY = 60.0  # seconds


@dataclass(frozen=True)
class Bound:
    """Bounds that some accounts share.

    Attributes
    ----------
    who
        Whom they bind, as the beginning of a sentence.
    clusters
        The active clusters that count.
    hours
        Core hours of this month that are used.
    """

    who: str
    limits: Limits
    clusters: list[Any]
    hours: float

    @property
    def month_is_over(self) -> bool:
        """Whether the month's core hours are used."""
        return self.limits.hours is not None and self.hours >= self.limits.hours

    def refusal(self, name: str) -> str:
        """Say why an account may not start one more cluster; "" where it may."""
        count, most = len(self.clusters), self.limits.clusters
        if self.month_is_over:
            return (
                f"{self.who} may use {self.limits.hours:g} core hours of clusters in a "
                f"month, and {self.hours:.1f} are used. What runs goes on; new ones "
                f"start from {next_month()} on. Ask the operator if it is urgent."
            )
        if most is not None and count >= most:
            names = sorted(c.name for c in self.clusters if c.username == name)
            return (
                f"{self.who} may have {most} clusters at once, and {count} are there "
                f"(yours: {', '.join(names) or 'none'}). Stop one, or use one that is "
                "there."
            )
        return ""


class BoundedBackend(DBBackendBase):
    """Bounds on what accounts and groups have at once, and in a month."""

    async def setup(self, app: Any) -> None:
        """Tell each account what it has used, too."""
        app.router.add_get("/api/v1/usage", _usage)
        await super().setup(app)

    async def do_setup(self) -> None:
        """Begin to count."""
        await super().do_setup()
        self.task_pool.spawn(self._count_hours())

    async def _count_hours(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(COUNT_EVERY)
            now = time.monotonic()
            # a machine that slept meanwhile has not computed
            hours = min(now - last, 2 * COUNT_EVERY) / 3600
            last = now
            try:
                self._count(hours)
            except Exception:
                self.log.exception("Core hours cannot be counted now")

    def _count(self, hours: float) -> None:
        """Note the cores of all workers that run, for a time."""
        used: dict[str, float] = {}
        for cluster in self.db.active_clusters():
            cores = cluster.config.worker_cores * len(_running(cluster))
            if cores:
                used[cluster.username] = used.get(cluster.username, 0.0) + cores * hours
        if used:
            _ledger().add(used)

    def usage(self, name: str) -> dict[str, Any]:
        """Return what an account has used of the month, and what bounds it."""
        rows = [
            {"who": b.who, "hours": round(b.hours, 3), "most": b.limits.hours}
            for b in self._bounds(name)
        ]
        return {"month": this_month(), "hours": rows}

    async def start_cluster(self, user: Any, cluster_options: dict[str, Any]) -> str:
        """Start a cluster, where the account may have one more."""
        for bound in self._bounds(user.name):
            if refusal := bound.refusal(user.name):
                raise PublicException(refusal)
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
        counts = {
            "workers": len(_running(cluster)),
            "wanted": cluster.count,
            "most": room,
        }
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
        for bound in self._bounds(cluster.username):
            others = (_use(c) for c in bound.clusters if c is not cluster)
            most.append(room_for(bound.limits, cores, memory, others))
            if bound.month_is_over:
                most.append(len(list(cluster.active_workers())))
        return min(most)

    def _bounds(self, name: str) -> Iterator[Bound]:
        """Give all that bounds an account."""
        settings = load()
        accounts = {a.name: {*a.groups, *a.roles} for a in accounts_of(settings).all()}
        groups = accounts.get(name, set())
        limits = settings.cluster_limits
        active = list(self.db.active_clusters())
        ledger = _ledger()
        own = [c for c in active if c.username == name]
        yield Bound("You", limits.of_account(groups), own, ledger.used([name]))
        for group, together in limits.of_groups(groups).items():
            members = {n for n, theirs in accounts.items() if group in theirs}
            shared = [c for c in active if c.username in members]
            who, hours = f"All members of {group} together", ledger.used(members)
            yield Bound(who, together, shared, hours)


@api_handler(user_authenticated=True)
async def _usage(request: Any) -> web.Response:
    backend, user = request.app["backend"], request["user"]
    return web.json_response(backend.usage(user.name))


def _ledger() -> Ledger:
    return Ledger(load().state / FILE)


def _running(cluster: Any) -> list[Any]:
    return [w for w in cluster.workers.values() if w.status == JobStatus.RUNNING]


def _use(cluster: Any) -> Use:
    workers = max(cluster.count, len(list(cluster.active_workers())))
    return Use(workers, cluster.config.worker_cores, cluster.config.worker_memory)

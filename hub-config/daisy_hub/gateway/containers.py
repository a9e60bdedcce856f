"""Clusters whose scheduler and workers are containers of their owner.

The gateway asks the launcher, as the hub does; it can say for whom and which, and
nothing more.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from dask_gateway_server.backends.db_base import JobStatus

from daisy_hub.gateway.bounded import BoundedBackend
from daisy_hub.gateway.pages import GuardedPages
from daisy_hub.gateway.software import generation_of
from daisy_hub.launcher import LauncherClient, LauncherFailed
from daisy_hub.launcher.requests import VARIABLE
from daisy_hub.settings import load

RUNNING = "running"


class ContainerBackend(BoundedBackend, GuardedPages):
    """A container for the scheduler, and one for each worker."""

    async def do_setup(self) -> None:
        """Look after what runs, from now on."""
        await super().do_setup()
        self.task_pool.spawn(self._look_for_ever())

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self._look()
            except LauncherFailed as error:
                self.log.warning("It is not known which clusters run: %s", error)
            await asyncio.sleep(self.cluster_status_period)

    async def _look(self) -> None:
        """Notice schedulers that are gone, and end what belongs to no cluster."""
        active = list(self.db.active_clusters())
        running = [c for c in active if c.status == JobStatus.RUNNING]
        jobs = await self._jobs()
        for cluster in running:
            if cluster.name not in jobs:
                self.log.info("The scheduler of cluster %s is gone", cluster.name)
                self.db.update_cluster(cluster, target=JobStatus.FAILED)
                self.queue.put(cluster)
        for job, (part, account) in jobs.items():
            if job not in self._known():
                self.log.warning("A %s of no cluster is ended", part)
                entry = {"scheduler": "cluster", "worker": "worker"}[part]
                await self._ask(f"stop-{part}", account=account, **{entry: job})

    def _known(self) -> set[str]:
        clusters = list(self.db.active_clusters())
        return {n for c in clusters for n in (c.name, *c.workers)}

    def get_tls_paths(self, cluster: Any) -> tuple[str, str]:
        """Give the certificate and key themselves: dask takes them as text too."""
        return cluster.tls_cert.decode(), cluster.tls_key.decode()

    async def do_start_cluster(self, cluster: Any) -> AsyncIterator[dict[str, Any]]:
        """Start the scheduler."""
        # what is stopped is known before it is there
        yield {}
        await self._ask(
            "start-scheduler",
            account=cluster.username,
            cluster=cluster.name,
            software=cluster.options.get("environment", ""),
            generation=generation_of(cluster),
            environment=_let_through(self.get_scheduler_env(cluster)),
        )
        yield {}

    async def do_stop_cluster(self, cluster: Any) -> None:
        """End the scheduler; its workers have been ended before."""
        await self._ask(
            "stop-scheduler", account=cluster.username, cluster=cluster.name
        )

    async def do_check_clusters(self, clusters: list[Any]) -> list[bool]:
        """Say which schedulers run."""
        jobs = await self._jobs() if clusters else {}
        return [cluster.name in jobs for cluster in clusters]

    async def do_start_worker(self, worker: Any) -> AsyncIterator[dict[str, Any]]:
        """Start one worker."""
        yield {}
        await self._ask(
            "start-worker",
            account=worker.cluster.username,
            cluster=worker.cluster.name,
            worker=worker.name,
            software=worker.cluster.options.get("environment", ""),
            generation=generation_of(worker.cluster),
            environment=_let_through(self.get_worker_env(worker.cluster)),
        )
        yield {}

    async def do_stop_worker(self, worker: Any) -> None:
        """End one worker."""
        await self._ask(
            "stop-worker", account=worker.cluster.username, worker=worker.name
        )

    async def do_check_workers(self, workers: list[Any]) -> list[bool]:
        """Say which workers run."""
        jobs = await self._jobs() if workers else {}
        return [worker.name in jobs for worker in workers]

    async def _jobs(self) -> dict[str, tuple[str, str]]:
        """Return part and account of every scheduler and worker that runs, by name."""
        answer = await self._ask("list")
        return {
            c["job"]: (c["part"], c["account"])
            for c in answer["containers"]
            if c["job"] and c["status"] == RUNNING
        }

    async def _ask(self, verb: str, **entries: Any) -> dict[str, Any]:
        return await LauncherClient(load().launcher_socket).ask(verb, **entries)


def _let_through(environment: dict[str, str]) -> dict[str, str]:
    """Return the variables that the launcher lets pass."""
    return {n: str(v) for n, v in environment.items() if VARIABLE.fullmatch(n)}

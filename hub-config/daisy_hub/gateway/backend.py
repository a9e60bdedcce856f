"""Clusters as local processes, each in its owner's sandbox.

Schedulers and workers run in the same sandbox as the owner's server, as the owner's
uid. The gateway's own files (certificates, logs) are read-only for them: what the
owner could change there, the gateway might later write to as root.

What the gateway knows is in a database: it may be killed and started again while
clusters compute, and what it finds then that belongs to no cluster is ended.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dask_gateway_server.backends.db_base import JobStatus
from dask_gateway_server.backends.local import UnsafeLocalBackend, wait_is_shutdown

from daisy_hub import processes
from daisy_hub.gateway.bounded import BoundedBackend
from daisy_hub.gateway.orphans import cluster_processes, is_of_cluster
from daisy_hub.gateway.pages import GuardedPages
from daisy_hub.gateway.software import generation_of
from daisy_hub.gateway.variables import cluster_variables
from daisy_hub.homes import accounts_of, sandbox_of
from daisy_hub.identity.clusters import EndsWithAccount
from daisy_hub.processes import signal_sandbox
from daisy_hub.sandbox import Mount, Sandbox
from daisy_hub.settings import INSTANCE_VARIABLE, load


class SandboxBackend(BoundedBackend, GuardedPages, EndsWithAccount, UnsafeLocalBackend):
    """Clusters as local processes, each in its owner's sandbox."""

    async def do_setup(self) -> None:
        """End what belongs to no cluster, and clusters whose scheduler is gone."""
        await super().do_setup()
        there = await asyncio.to_thread(cluster_processes, load())
        known = {c.name: c for c in self.db.active_clusters()}
        orphans = [p for n, found in there.items() if n not in known for p in found]
        if orphans:
            self.log.warning("%d processes of no cluster are ended", len(orphans))
            await asyncio.to_thread(processes.end, orphans)
        for name, cluster in known.items():
            if name not in there:
                self.log.info("Cluster %s has ended meanwhile", name)
                self._has_failed(cluster)
        self.task_pool.spawn(self._notice_dead_schedulers())

    async def _notice_dead_schedulers(self) -> None:
        """Upstream waits for heartbeats; a process that is gone sends none."""
        while True:
            await asyncio.sleep(self.cluster_status_period)
            for cluster in list(self.db.active_clusters()):
                if cluster.status == JobStatus.RUNNING and not self._runs(
                    cluster, cluster.name
                ):
                    self.log.info("The scheduler of cluster %s is gone", cluster.name)
                    self._has_failed(cluster)

    def _has_failed(self, cluster: Any) -> None:
        self.db.update_cluster(cluster, target=JobStatus.FAILED)
        self.queue.put(cluster)

    def set_file_permissions(self, paths: list[str], username: str) -> None:
        """Let the owner's group read the cluster's folder, and change nothing."""
        settings = load()
        if not settings.as_root:
            return
        gid = accounts_of(settings).get(username).gid
        for folder, _, files in os.walk(paths[0]):
            os.chown(folder, 0, gid)
            os.chmod(folder, 0o750)
            for name in files:
                os.chown(Path(folder) / name, 0, gid)
                os.chmod(Path(folder) / name, 0o640)

    def cleanup_working_directory(self, workdir: str) -> None:
        """Keep the logs: they say why a cluster failed."""
        logs = Path(self.get_logs_directory(workdir))
        for log in logs.glob("*.log"):
            kept = load().logs / f"cluster-{Path(workdir).name[:8]}-{log.name}"
            shutil.copyfile(log, kept, follow_symlinks=False)
        super().cleanup_working_directory(workdir)

    def get_env(self, cluster: Any) -> dict[str, str]:
        """Return the gateway's variables with the sandbox's over them."""
        settings = load()
        sandbox = _sandbox(cluster)
        own: dict[str, str] = super().get_env(cluster)
        return {
            **own,
            **sandbox.variables(),
            **cluster_variables(settings),
            INSTANCE_VARIABLE: settings.instance,
        }

    async def start_process(
        self, cluster: Any, cmd: list[str], env: dict[str, str], name: str
    ) -> int:
        """Start a scheduler or a worker in its owner's sandbox."""
        sandbox = _sandbox(cluster)
        workdir = Path(cluster.state["workdir"])
        wrapped = sandbox.command(cmd, extra=(Mount(workdir, workdir),))
        pid: int = await super().start_process(cluster, wrapped, env, name)
        return pid

    async def do_stop_cluster(self, cluster: Any) -> None:
        """Stop a scheduler, if its pid is still its own."""
        self._forget_foreign(cluster, cluster.name)
        await super().do_stop_cluster(cluster)

    async def do_stop_worker(self, worker: Any) -> None:
        """Stop a worker, if its pid is still its own."""
        self._forget_foreign(worker, worker.cluster.name)
        await super().do_stop_worker(worker)

    async def do_check_clusters(self, clusters: Iterable[Any]) -> list[bool]:
        """Say which schedulers run."""
        return [self._runs(c, c.name) for c in clusters]

    async def do_check_workers(self, workers: Iterable[Any]) -> list[bool]:
        """Say which workers run."""
        return [self._runs(w, w.cluster.name) for w in workers]

    @staticmethod
    def _runs(started: Any, cluster: str) -> bool:
        pid = started.state.get("pid")
        return pid is not None and is_of_cluster(pid, cluster)

    def _forget_foreign(self, started: Any, cluster: str) -> None:
        """After a restart of the machine a pid may be somebody else's: not to stop."""
        if not self._runs(started, cluster):
            started.state = {k: v for k, v in started.state.items() if k != "pid"}

    async def stop_process(self, pid: int) -> None:
        """End what runs in the sandbox: ask, wait, then kill."""
        steps = (
            (signal.SIGINT, self.sigint_timeout),
            (signal.SIGTERM, self.sigterm_timeout),
            (signal.SIGKILL, self.sigkill_timeout),
        )
        for number, timeout in steps:
            signal_sandbox(pid, number)
            if await wait_is_shutdown(pid, timeout):
                return
        self.log.warning("Process %d could not be ended", pid)


def _sandbox(cluster: Any) -> Sandbox:
    return sandbox_of(load(), cluster.username, generation_of(cluster))

"""Dask-Gateway's back end and authenticator for DAISY.

Schedulers and workers run in the same sandbox as the owner's server, as the
owner's uid. The gateway's own files (certificates, logs) are read-only for them:
what the owner could change there, the gateway might later write to as root.
"""

import os
import shutil
import signal
from pathlib import Path
from typing import Any

from aiohttp import web
from dask_gateway_server.auth import JupyterHubAuthenticator, unauthorized
from dask_gateway_server.backends.local import UnsafeLocalBackend, wait_is_shutdown

from daisy_hub.homes import accounts_of, sandbox_of
from daisy_hub.processes import signal_sandbox
from daisy_hub.sandbox import Mount
from daisy_hub.settings import INSTANCE_VARIABLE, load


class DaisyHubAuthenticator(JupyterHubAuthenticator):
    """Ask the hub who somebody is; a refused token is the caller's error (401)."""

    async def authenticate(self, request: web.Request) -> Any:
        """Map the hub's refusal to 401 (upstream answers 500)."""
        try:
            return await super().authenticate(request)
        except web.HTTPInternalServerError as error:
            if "permission" in (error.reason or "").lower():
                raise unauthorized("jupyterhub") from error
            raise


class SandboxBackend(UnsafeLocalBackend):
    """Clusters as local processes, each in its owner's sandbox."""

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
        sandbox = sandbox_of(settings, cluster.username)
        own: dict[str, str] = super().get_env(cluster)
        return {
            **own,
            **sandbox.variables(),
            "TMPDIR": "/tmp",
            # no page of a scheduler or worker until it can ask who is there
            "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]",
            "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]",
            # an item of which three workers died is given up
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
            "DAISY_LEASE_SECONDS": str(settings.cluster_lease_seconds),
            INSTANCE_VARIABLE: settings.instance,
        }

    async def start_process(
        self, cluster: Any, cmd: list[str], env: dict[str, str], name: str
    ) -> int:
        """Start a scheduler or a worker in its owner's sandbox."""
        sandbox = sandbox_of(load(), cluster.username)
        workdir = Path(cluster.state["workdir"])
        wrapped = sandbox.command(cmd, extra=(Mount(workdir, workdir),))
        pid: int = await super().start_process(cluster, wrapped, env, name)
        return pid

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

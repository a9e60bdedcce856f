"""From an account's sandbox to docker's words: the same wall, from containers.

Pure functions: what a container may do is decided here and tested without a daemon.

- The account's own uid and gids, no capability, no way to gain one.
- A read-only root; home, /tmp and what the sandbox mounts are all that can be written.
- Memory, processors, processes and log are limited.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docker.types import DeviceRequest, LogConfig, Ulimit
from docker.types import Mount as DockerMount

from daisy_hub.container_settings import Limits
from daisy_hub.containers.labels import labels, name
from daisy_hub.containers.zone import zone_variables
from daisy_hub.sandbox import INNER, USER_CONFIG, Mount, Sandbox
from daisy_hub.settings import INSTANCE_VARIABLE


def account_arguments(
    sandbox: Sandbox,
    *,
    instance: str,
    part: str,
    job: str = "",
    image: str,
    network: str,
    limits: Limits,
    command: Sequence[str],
    environment: Mapping[str, str],
    gpus: int = 0,
) -> dict[str, Any]:
    """Return what docker is told to create a container of an account.

    Parameters
    ----------
    part, job
        What runs in it: `server`, or `scheduler` and `worker` with their names.
    environment
        Variables from the hub; those of the sandbox go before.
    """
    return {
        **wall(limits),
        "image": image,
        "network": network,
        "command": [*INNER, *command],
        "environment": {
            **environment,
            **sandbox.variables(),
            **zone_variables(),
            INSTANCE_VARIABLE: instance,
        },
        "name": name(instance, part, sandbox.account, job),
        "labels": labels(instance, part, sandbox.account, job),
        "user": f"{_uid(sandbox)}:{_gid(sandbox)}",
        "group_add": [str(gid) for gid in sandbox.groups],
        "working_dir": str(sandbox.inner_home),
        "tmpfs": {
            "/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={limits.scratch:d}",
            **_data_folder(sandbox),
        },
        "mounts": [_bind(m, sandbox.inner_data) for m in _mounts(sandbox)],
        "hostname": "daisy",
        "device_requests": [gpu_request(gpus)] if gpus else [],
    }


def gpu_request(count: int) -> DeviceRequest:
    """Ask the engine for any graphics cards."""
    return DeviceRequest(count=count, capabilities=[["gpu"]])


def wall(limits: Limits) -> dict[str, Any]:
    """Return what holds for every container of an installation."""
    return {
        "read_only": True,
        "cap_drop": ["ALL"],
        # docker's own seccomp profile is in force as long as no other is named
        "security_opt": ["no-new-privileges"],
        "pids_limit": limits.processes,
        "mem_limit": int(limits.memory),
        "memswap_limit": int(limits.memory),
        "shm_size": int(limits.scratch),
        "nano_cpus": int(limits.cpus * 1e9),
        "ulimits": [Ulimit(name="core", soft=0, hard=0)],
        "init": True,
        "log_config": LogConfig(
            type="json-file",
            config={"max-size": str(int(limits.log)), "max-file": "2"},
        ),
        "restart_policy": {"Name": "no"},
        "ipc_mode": "private",
        "detach": True,
    }


def _mounts(sandbox: Sandbox) -> list[Mount]:
    return [
        Mount(sandbox.passwd, Path("/etc/passwd")),
        Mount(sandbox.group, Path("/etc/group")),
        Mount(USER_CONFIG, Path("/etc/jupyter")),
        Mount(sandbox.home, sandbox.inner_home, writable=True),
        *sandbox.data,
    ]


def _data_folder(sandbox: Sandbox) -> dict[str, str]:
    """Hold the proposals' mount points in memory, closed to the account."""
    if sandbox.has_view:
        return {}
    return {str(sandbox.inner_data): "rw,nosuid,nodev,noexec,mode=0555,size=64k"}


def _bind(mount: Mount, data: Path) -> DockerMount:
    # a source that is missing is an error and no new folder of root's
    return DockerMount(
        target=str(mount.target),
        source=str(mount.source),
        type="bind",
        read_only=not mount.writable,
        # what comes into the view later, or goes from it, does so inside too
        propagation="rslave" if mount.target == data else None,
    )


def _uid(sandbox: Sandbox) -> int:
    return os.getuid() if sandbox.uid is None else sandbox.uid


def _gid(sandbox: Sandbox) -> int:
    return os.getgid() if sandbox.gid is None else sandbox.gid

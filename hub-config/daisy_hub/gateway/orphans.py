"""Processes of clusters that the gateway does not know, or no longer has."""

import psutil

from daisy_hub import processes
from daisy_hub.settings import Settings

CLUSTER_VARIABLE = "DASK_GATEWAY_CLUSTER_NAME"


def cluster_processes(settings: Settings) -> dict[str, list[psutil.Process]]:
    """Return the processes of clusters by the clusters' names."""
    found: dict[str, list[psutil.Process]] = {}
    for process in processes.of_instance(settings.instance):
        if name := _cluster_of(process):
            found.setdefault(name, []).append(process)
    return found


def is_of_cluster(pid: int, name: str) -> bool:
    """Whether a pid is still that of a cluster's process, and nobody else's by now."""
    try:
        return _cluster_of(psutil.Process(pid)) == name
    except psutil.NoSuchProcess:
        return False


def _cluster_of(process: psutil.Process) -> str:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return str(process.environ().get(CLUSTER_VARIABLE, ""))
    except (psutil.Error, OSError):
        return ""

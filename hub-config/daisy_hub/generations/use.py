"""Who uses which generation: told by what runs, since a register could be wrong."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from daisy_hub import processes
from daisy_hub.gateway.orphans import CLUSTER_VARIABLE
from daisy_hub.sandbox import GENERATION_VARIABLE
from daisy_hub.settings import Settings


@dataclass
class Use:
    """Servers, by their accounts, and clusters, by their names."""

    servers: set[str] = field(default_factory=set)
    clusters: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.servers or self.clusters)


def uses(settings: Settings) -> Mapping[str, Use]:
    """Return what runs of each generation, by its name; nothing runs of the others."""
    found: defaultdict[str, Use] = defaultdict(Use)
    for process in processes.of_instance(settings.instance):
        with suppress(psutil.Error, OSError):
            variables = process.environ()
            name = variables.get(GENERATION_VARIABLE, "")
            if cluster := variables.get(CLUSTER_VARIABLE):
                found[name].clusters.add(cluster)
            elif account := variables.get("JUPYTERHUB_USER"):
                found[name].servers.add(account)
    return found


def folders_in_use(settings: Settings, folders: list[Path]) -> list[Path]:
    """Return the hub's environments that something still runs from.

    A sandbox counts as well: what it sees of the configuration lies in one of them.
    """
    words = {
        word
        for process in processes.of_instance(settings.instance)
        for word in _command_line(process)
    }
    return [f for f in folders if any(word.startswith(f"{f}/") for word in words)]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except (psutil.Error, OSError):
        return []

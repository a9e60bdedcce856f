"""Where the page of each cluster is, and whose: small files of the hub's state."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from daisy_hub.files import write_atomically

NAME = re.compile(r"[0-9a-f]{32}")  # as the gateway makes them


@dataclass(frozen=True)
class Dashboard:
    """The page of one cluster.

    Attributes
    ----------
    owner
        The account.
    address
        `http://host:port` of the scheduler's pages.
    secret
        What a request has to bring along.
    """

    owner: str
    address: str
    secret: str


class Dashboards:
    """The pages of the clusters of an installation, one file each.

    Parameters
    ----------
    folder
        Where the files are; the hub's own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, dashboard: Dashboard) -> None:
        """Write down where the page of a cluster is."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(self._folder / name, json.dumps(asdict(dashboard)))

    def forget(self, name: str) -> None:
        """Forget a cluster that has ended."""
        (self._folder / name).unlink(missing_ok=True)

    def find(self, name: str) -> Dashboard | None:
        """Return the page of a cluster, or None."""
        if not NAME.fullmatch(name):
            return None
        try:
            return Dashboard(**json.loads((self._folder / name).read_text()))
        except FileNotFoundError:
            return None

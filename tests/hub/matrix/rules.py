"""The cells of the permission matrix, and what the table of rules says of each."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ACTIONS = "read", "write", "execute"
ROOT_OF_MACHINE = "root of the machine"
ANONYMOUS = "anonymous"
# everybody for whom every object is tried
ACTORS = (
    ANONYMOUS, "other user", "same proposal", "staff", "support", "operator",
    "revoked while open", "expired", "disabled", "owner",
)  # fmt: skip
# tried by requests from outside, with an actor's cookies and token
BY_REQUEST = (
    "kernel", "terminal", "extension routes", "contents", "catalogue", "dashboard",
    "gateway REST", "watching service", "hub API: user", "hub API: tokens",
    "hub API: admin", "hub API: proxy",
)  # fmt: skip
# tried by code in an actor's own kernel
FILES = (
    "raw data", "processed data", "index and thumbnails", "files of another user",
    "hub secrets",
)  # fmt: skip
SOCKETS = "container socket", "launcher socket"
PORTS = (
    "scheduler port", "Dask worker", "scheduler through the gateway",
    "pages' own port", "another server's port", "proxy API",
)  # fmt: skip
# a profile has no such part
ABSENT = {"local": ("launcher socket",), "docker": ()}
# with the hub's own secrets they open, which shows that there is something to open
WITH_SECRETS = "pages' own port", "proxy API"
OBJECTS = *BY_REQUEST, *FILES, *SOCKETS, *PORTS


@dataclass(frozen=True)
class Cell:
    """One thing that one actor may do with one object, or not."""

    profile: str
    actor: str
    object: str
    action: str


def cells(profile: str) -> Iterator[Cell]:
    """List every cell of a profile."""
    for name in OBJECTS:
        if name in ABSENT[profile]:
            continue
        for action in ACTIONS:
            for actor in ACTORS:
                yield Cell(profile, actor, name, action)
            if name in (*FILES, *SOCKETS):
                yield Cell(profile, ROOT_OF_MACHINE, name, action)
        if name in WITH_SECRETS and profile == "local":
            yield Cell(profile, ROOT_OF_MACHINE, name, "read")


class Rules:
    """The table `rules.toml`: the first rule that fits decides, else refused."""

    def __init__(self) -> None:
        table = Path(__file__).with_name("rules.toml").read_text()
        self.rules = tomllib.loads(table)["rule"]

    def expected(self, cell: Cell) -> str:
        """Say what has to be seen in a cell."""
        fitting = (rule["expected"] for rule in self.rules if fits(rule, cell))
        return next(fitting, "refused")


def fits(rule: dict, cell: Cell) -> bool:
    """Whether a rule speaks of a cell."""
    return (
        cell.object in rule["objects"]
        and cell.actor in rule.get("actors", [cell.actor])
        and cell.action in rule.get("actions", [cell.action])
        and cell.profile in rule.get("profiles", [cell.profile])
    )

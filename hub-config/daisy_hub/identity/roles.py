"""The roles an account may have, and what each may do at the hub: what it needs.

Nobody is JupyterHub's `admin`: an admin enters every server, and no role here does.
"""

import re
from collections.abc import Iterable
from typing import Any

USER = "user"
STAFF = re.compile(r"staff:[A-Za-z0-9][A-Za-z0-9_-]*")

# scopes beside those of every user; staff has none, its right is to see data
HUB_SCOPES: dict[str, tuple[str, ...]] = {
    # who is there, and how their servers are
    "support": ("list:users", "read:users", "read:servers"),
    # the same and the page for it, start and stop servers, read the hub's numbers
    "operator": (
        "admin-ui", "list:users", "read:users", "servers", "read:hub", "read:metrics",
    ),
}  # fmt: skip
DESCRIPTIONS = {
    "support": "See who is there, and how their servers are",
    "operator": "Start and stop servers, and see how the hub is",
}
NAMES = f"{USER}, {', '.join(HUB_SCOPES)}, staff:BEAMLINE"


class RoleUnknown(ValueError):
    """A role that this hub does not have."""


def checked(role: str) -> str:
    """Return a role that exists.

    Raises
    ------
    RoleUnknown
        The text names those there are.
    """
    if is_role(role):
        return role
    raise RoleUnknown(f"There is no role {role!r}. Roles are: {NAMES}.")


def is_role(text: str) -> bool:
    """Whether there is such a role."""
    return text == USER or text in HUB_SCOPES or bool(STAFF.fullmatch(text))


def hub_role(name: str) -> dict[str, Any]:
    """Describe one of the hub's roles as JupyterHub wants it."""
    return {
        "name": name,
        "description": DESCRIPTIONS[name],
        "scopes": list(HUB_SCOPES[name]),
    }


def look_role(owner: str) -> dict[str, Any]:
    """Describe the role of who may come to the server of an owner, who lets them."""
    return {
        "name": f"looks-at-{owner}",
        "description": f"Look into the server of {owner}, with their consent",
        "scopes": [f"access:servers!server={owner}/"],
    }


def hub_roles_of(roles: Iterable[str]) -> list[str]:
    """Name the hub's roles of an account: `user` always, and those with scopes."""
    return [USER, *sorted(set(roles) & set(HUB_SCOPES))]

"""Sizes of servers that people choose from: one list for all back ends."""

import math
from collections.abc import Sequence

from pydantic import BaseModel, ByteSize, ConfigDict, Field

from daisy_hub.accounts import Account

NAME = r"^[a-z][a-z0-9-]{0,29}$"


class ServerProfile(BaseModel):
    """One entry `[[server_profiles]]` of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=NAME, description="for addresses: ?profile=NAME")
    title: str = Field(min_length=1, description="what people read")
    description: str = Field(default="", description="what it is good for")
    memory: ByteSize | None = Field(default=None, gt=0, description="e.g. 16 GiB")
    cpus: float | None = Field(default=None, gt=0, description="processors")
    gpus: int = Field(default=0, ge=0, description="graphics cards (docker only)")
    image: str | None = Field(default=None, description="image (docker only)")
    hours: float | None = Field(
        default=None, gt=0, description="the server is ended after so long"
    )
    groups: tuple[str, ...] = Field(
        default=(), description="members of these may choose it"
    )
    roles: tuple[str, ...] = Field(default=(), description="and who has these roles")
    default: bool = Field(default=False, description="chosen by who chose nothing")

    def may_be_chosen_by(self, account: Account) -> bool:
        """Whether an account may; where neither group nor role is named, all may."""
        if not self.groups and not self.roles:
            return True
        in_group = not set(self.groups).isdisjoint(account.groups)
        return in_group or not set(self.roles).isdisjoint(account.roles)

    @property
    def whole_cpus(self) -> int | None:
        """Processors as a count, for what knows no parts of one."""
        return None if self.cpus is None else math.ceil(self.cpus)


STANDARD = ServerProfile(name="standard", title="Standard")


def checked(profiles: Sequence[ServerProfile]) -> tuple[ServerProfile, ...]:
    """Return the profiles of the settings.

    Raises
    ------
    ValueError
        There is none, two have one name, two are the default, or the default is not
        for everybody.
    """
    names = [p.name for p in profiles]
    if not names:
        raise ValueError("there has to be one server profile at least")
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise ValueError(f"two server profiles are called {twice[0]}")
    defaults = [p for p in profiles if p.default]
    if len(defaults) > 1:
        raise ValueError("only one server profile can be the default")
    first = default_of(profiles)
    if first.groups or first.roles:
        raise ValueError(
            f"the default server profile, {first.name}, has to be for everybody: "
            "take its groups and roles away, or set default = true at another"
        )
    return tuple(profiles)


def default_of(profiles: Sequence[ServerProfile]) -> ServerProfile:
    """Return the default profile: the one that is marked, else the first."""
    return next((p for p in profiles if p.default), profiles[0])

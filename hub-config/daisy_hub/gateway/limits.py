"""How much of the clusters an account, and a group of accounts, may use at once."""

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ByteSize, ConfigDict, Field

Number = TypeVar("Number", int, float, ByteSize)


class Limits(BaseModel):
    """Bounds of what runs at once, and of a month; None is no bound.

    Attributes
    ----------
    clusters
        Clusters, started or starting.
    cores, memory
        Of all their workers together.
    hours
        Core hours of workers in a calendar month. Who has used them keeps what runs,
        and starts nothing more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    clusters: int | None = Field(None, ge=0)
    cores: float | None = Field(None, ge=0)
    memory: ByteSize | None = None
    hours: float | None = Field(default=None, ge=0)


class GroupLimits(BaseModel):
    """Bounds for a group of the identity provider, or a role.

    Attributes
    ----------
    each
        What each of its accounts may have, where it is more than others have.
    together
        What all its accounts may have at once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    each: Limits | None = None
    together: Limits | None = None


class ClusterLimits(BaseModel):
    """Bounds for every account, and for groups by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    each: Limits = Limits(clusters=4, cores=float(os.cpu_count() or 1))
    groups: Mapping[str, GroupLimits] = Field(default_factory=dict)

    def of_account(self, groups: Iterable[str]) -> Limits:
        """Return the bounds of an account: the widest of all that apply."""
        own = [self.each]
        own += [g.each for n in groups if (g := self.groups.get(n)) and g.each]
        return Limits(
            clusters=_widest(limits.clusters for limits in own),
            cores=_widest(limits.cores for limits in own),
            memory=_widest(limits.memory for limits in own),
            hours=_widest(limits.hours for limits in own),
        )

    def of_groups(self, groups: Iterable[str]) -> dict[str, Limits]:
        """Return the bounds that an account shares with others, by group."""
        found = ((n, self.groups.get(n)) for n in groups)
        return {n: g.together for n, g in found if g is not None and g.together}


def _widest(values: Iterable[Number | None]) -> Number | None:
    known = list(values)
    return None if None in known else max(v for v in known if v is not None)


@dataclass(frozen=True)
class Use:
    """What a cluster uses, or is going to.

    Attributes
    ----------
    workers
        How many there are or were asked for.
    cores, memory
        Of one worker; memory in bytes.
    """

    workers: int
    cores: float
    memory: float


def room_for(limits: Limits, cores: float, memory: float, others: Iterable[Use]) -> int:
    """Return how many workers of one kind there is room for beside others."""
    used = list(others)
    bounds = []
    if limits.cores is not None:
        free = limits.cores - sum(u.workers * u.cores for u in used)
        bounds.append(_whole(free, cores))
    if limits.memory is not None:
        free = limits.memory - sum(u.workers * u.memory for u in used)
        bounds.append(_whole(free, memory))
    return min(bounds, default=1_000_000)


def _whole(free: float, one: float) -> int:
    # a sum of fractions of a core may miss a whole number by a rounding
    return max(0, math.floor(free / one + 1e-9)) if one > 0 else 0

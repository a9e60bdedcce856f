"""One object of a store: what it is, where its values lie, when it was used last."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Literal

import numpy as np

from daisy_kernel.model import DataObject
from daisy_kernel.store.shared import Segment

Tier = Literal["file", "memory", "shared", "disk", "cluster"]
_clock = count()


@dataclass(eq=False)
class Entry:
    """An object with its place.

    Attributes
    ----------
    tier
        "file": a Dataset of a scan, which the store does not own.
    segment
        Of shared memory, for that tier.
    used
        When it was asked for; larger is later.
    """

    found: DataObject
    tier: Tier
    segment: Segment | None = None
    pinned: bool = False
    used: int = field(default_factory=_clock.__next__)

    def touch(self) -> None:
        """Note that it was used now."""
        self.used = next(_clock)

    @property
    def held(self) -> int:
        """Bytes of this machine's memory."""
        return self.found.nbytes if self.tier in ("memory", "shared") else 0


def entry_of(found: DataObject) -> Entry:
    """Place an object where its values are already."""
    return Entry(found, "memory" if isinstance(found.data, np.ndarray) else "file")

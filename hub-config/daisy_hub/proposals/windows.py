"""When an area of a proposal is open, and to whom.

A proposal has two areas: `raw`, which nobody writes, and `processed`. Each has a window
of days. The team keeps its own data: no window ends what members may read.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Access = Literal["", "read", "write"]


@dataclass(frozen=True)
class Window:
    """The days on which an area is open.

    Attributes
    ----------
    begin
        Members may use it from this day on; None: always.
    end
        The last day on which members may write; they go on reading.
    everybody
        The end of the embargo: from this day on every account may read it.
    """

    begin: date | None = None
    end: date | None = None
    everybody: date | None = None

    def for_members(self, today: date, *, write: bool) -> Access:
        """Say what a member may do on a day; *write* if the area can be written."""
        if self.begin is not None and today < self.begin:
            return self.for_others(today)
        if write and (self.end is None or today <= self.end):
            return "write"
        return "read"

    def for_others(self, today: date) -> Access:
        """Say what an account that is no member may do on a day."""
        return "read" if self.everybody is not None and today >= self.everybody else ""

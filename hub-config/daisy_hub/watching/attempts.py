"""When the server of an account may be started next."""

from dataclasses import dataclass
from math import inf

FIRST_PAUSE = 5.0  # seconds after a start until the next one
LONGEST_PAUSE = 600.0
STEADY = 120.0  # seconds up, after which earlier failures count no more


@dataclass
class Attempts:
    """Starts of one server, with a growing pause between those that do not last.

    Attributes
    ----------
    begun
        Starts since the server was last up for long.
    next_at
        Time before which it is not started again; times are those of one clock.
    problem
        What the hub said of the last start that failed; "" if it said nothing.
    up_since, was_up_at
        Since when it has been seen up, and when last.
    """

    begun: int = 0
    next_at: float = 0.0
    problem: str = ""
    up_since: float | None = None
    was_up_at: float = -inf

    def start(self, now: float) -> None:
        """Note that it is being started."""
        self.next_at = now + min(FIRST_PAUSE * 2**self.begun, LONGEST_PAUSE)
        self.begun += 1
        self.problem = ""

    def is_up(self, now: float) -> None:
        """Note that it is up."""
        self.up_since = now if self.up_since is None else self.up_since
        self.was_up_at = now
        if now - self.up_since >= STEADY:
            self.begun, self.problem = 0, ""

    def is_down(self) -> None:
        """Note that it is not."""
        self.up_since, self.was_up_at = None, -inf

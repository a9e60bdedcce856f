"""The time from a user's event to the picture, taken inside the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("clock.js")


@dataclass(frozen=True)
class Drawn:
    """When something could be seen, in seconds after the user's event.

    Attributes
    ----------
    first, settled
        Two frames after the first new pixels, and after the last ones.
    first_seen, settled_seen
        The same without the two frames, in seconds since 1970.
    began
        The event in seconds since 1970, as the browser counts them.
    picture
        Colours and size of the canvas; None for a list.
    asked
        The requests in between: name, start, answer, end; seconds.
    """

    first: float
    settled: float
    first_seen: float
    settled_seen: float
    began: float
    picture: dict[str, int] | None
    asked: list[dict[str, Any]]

    @property
    def pixels(self) -> int:
        """The device pixels of a square frame that is shown whole."""
        if self.picture is None:
            return 0
        return min(self.picture["width"], self.picture["height"]) ** 2


def timed(
    page: Any, event: str, act: Callable[[], None], limit: float, **wanted: Any
) -> Drawn:
    """Do as a user does, and wait until what was wanted is drawn.

    Parameters
    ----------
    event
        Name of the DOM event at which the clock starts.
    limit
        Seconds after which nothing is expected any more.
    wanted
        Where it is drawn: *within* and *busy*, or a *list* of *least* names.
    """
    page.evaluate(
        "wanted => bench.arm(wanted)", {"event": event, "limit": limit, **wanted}
    )
    act()
    told = page.evaluate("bench.result")
    start, origin = told["start"], told["timeOrigin"]
    return Drawn(
        first=(told["there"] - start) / 1e3,
        settled=(told["settled"] - start) / 1e3,
        first_seen=(origin + told["thereSeen"]) / 1e3,
        settled_seen=(origin + told["settledSeen"]) / 1e3,
        began=(origin + start) / 1e3,
        picture=told["picture"],
        asked=[
            {k: v if k == "name" else v / 1e3 for k, v in one.items()}
            for one in told["asked"]
        ],
    )

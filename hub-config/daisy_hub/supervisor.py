"""Start again what has ended (`python -m daisy_hub.supervisor`).

The parts are no children in the sense that they would end with it: whoever is killed
here takes nothing along, and the next `up` starts what is missing, this one included.
"""

import logging
import time
from collections.abc import Callable

import psutil

from daisy_hub import up
from daisy_hub.settings import Settings, load

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
# a part that does not stay up is started ever more seldom
FIRST_PAUSE, LONGEST_PAUSE, STAYS_UP = 2.0, 60.0, 120.0


class Supervisor:
    """Looks after the parts of an installation.

    Parameters
    ----------
    load
        Reads the settings: what has ended is started as they are then.
    """

    def __init__(self, load: Callable[[], Settings]) -> None:
        self._load, self._settings = load, load()
        self._pause = FIRST_PAUSE
        self._started_at = float("-inf")
        # going through all processes of a machine takes long: only when one is gone
        self._known: dict[str, psutil.Process] = {}

    def look(self) -> None:
        """Start what is missing, if it is time."""
        if all(_runs(self._known.get(part)) for part in up.parts_of(self._settings)):
            return
        self._known = up.running_parts(self._settings)
        missing = set(up.parts_of(self._settings)) - self._known.keys()
        since = time.monotonic() - self._started_at
        if since > STAYS_UP:
            self._pause = FIRST_PAUSE
        if not missing or since < self._pause:
            return
        log.warning("%s ended and is started again", ", ".join(sorted(missing)))
        self._started_at = time.monotonic()
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._settings = self._load()
        up.start_missing(self._settings, lambda sentence: log.debug("%s", sentence))


def _runs(process: psutil.Process | None) -> bool:
    try:
        return process is not None and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def main() -> None:
    """Look for ever."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    supervisor = Supervisor(load)
    while True:
        try:
            supervisor.look()
        except Exception:
            log.exception("what has ended cannot be started now")
        time.sleep(LOOK_EVERY)


if __name__ == "__main__":
    main()

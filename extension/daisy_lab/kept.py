"""Whether this server is kept, because its user has chosen to watch a proposal."""

import asyncio
import logging
import time
from collections.abc import Callable

from daisy_kernel.catalog import watches
from daisy_kernel.model.errors import WatchRefused
from daisy_lab.watcher import Watcher

log = logging.getLogger(__name__)

ASK_EVERY = 60.0  # seconds; a choice on the page is known at once


class Kept:
    """Keeps a chosen watch going in a server that nobody looks at.

    Parameters
    ----------
    watcher
        Follows the proposals and carries out their rules, once it is started.
    """

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._said = ""
        self._asked_at = -ASK_EVERY
        self.chosen = False

    async def look(self) -> bool:
        """Ask the hub; say whether this server has to go on.

        While the hub does not answer, what it has said last holds.
        """
        if not watches.is_kept_here():
            return False
        now = time.monotonic()
        if now - self._asked_at < ASK_EVERY:
            return self.chosen
        try:
            await self.ask(watches.kept_watches)
            self._said, self._asked_at = "", now
        except WatchRefused as refused:
            if str(refused) != self._said:
                self._said = str(refused)
                log.warning("whether this server is kept is not known: %s", refused)
        return self.chosen

    async def ask(
        self, what: Callable[..., watches.Watches], *proposal: str
    ) -> watches.Watches:
        """Ask the hub for something, and take note of what it answers.

        Raises
        ------
        WatchRefused
            With the hub's reason.
        """
        # the hub may take its time; the server has others to answer
        found = await asyncio.to_thread(what, *proposal)
        self.chosen = any(watch.yours for watch in found.kept)
        if self.chosen:
            self._watcher.start()
        return found

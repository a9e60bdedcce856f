"""Carry out the rules of all proposals that one sees, in a thread beside the watch."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from daisy_kernel.catalog.proposals import proposals
from daisy_kernel.model.closing import Closing
from daisy_kernel.model.errors import DaisyError
from daisy_kernel.workflow.feed.service import Feed, Previews

log = logging.getLogger(__name__)

_LOOK_EVERY = 1.0
_PROPOSALS_EVERY = 10  # looks until a new proposal is noticed


class FeedThread(Closing):
    """Looks at the feeds of all proposals until it is closed.

    Parameters
    ----------
    root
        Folder with a folder per beamline.
    tell
        Called with the folder of a proposal whose feed has changed.
    """

    def __init__(
        self, root: Path, previews: Previews, tell: Callable[[Path], None]
    ) -> None:
        self._root, self._previews, self._tell = root, previews, tell
        self._feeds: dict[Path, Feed] = {}
        self._said: dict[Path, str] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="daisy-feed")
        self._thread.daemon = True
        self._thread.start()

    def close(self) -> None:
        """End it; runs go on by themselves."""
        self._ended.set()
        self._thread.join(10)

    def _run(self) -> None:
        looks = 0
        while not self._ended.wait(_LOOK_EVERY):
            if looks % _PROPOSALS_EVERY == 0:
                self._find()
            looks += 1
            for proposal, feed in self._feeds.items():
                self._look(proposal, feed)
        for feed in self._feeds.values():
            feed.close()

    def _find(self) -> None:
        found = {Path(p.path) for p in proposals(self._root) if not p.problem}
        for path in found - set(self._feeds):
            self._feeds[path] = Feed(path, self._previews, self._changed(path))
        for path in set(self._feeds) - found:
            del self._feeds[path]

    def _changed(self, path: Path) -> Callable[[object], None]:
        return lambda _: self._tell(path)

    def _look(self, proposal: Path, feed: Feed) -> None:
        """Look; what is wrong is said once, and the others go on."""
        try:
            feed.look()
            self._said.pop(proposal, None)
        except (DaisyError, OSError) as error:
            if self._said.get(proposal) != str(error):
                self._said[proposal] = str(error)
                log.warning("the rules of %s are not carried out: %s", proposal, error)
        except Exception:
            log.exception("the rules of %s cannot be carried out", proposal)

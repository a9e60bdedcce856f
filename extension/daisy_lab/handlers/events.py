"""Route `events`: one websocket per page that tells what has changed."""

import json
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from daisy_lab.paths import Places
from daisy_lab.watcher import Watcher


class EventsHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """`events`: {"event": "catalog", "proposal": ...} when a catalogue is new.

    A page sends {"look": proposal} to have a proposal looked at now.
    """

    @property
    def _places(self) -> Places:
        places: Places = self.settings["daisy_places"]
        return places

    @property
    def _watcher(self) -> Watcher:
        watcher: Watcher = self.settings["daisy_watcher"]
        return watcher

    def set_default_headers(self) -> None:
        """Headers of answers make no sense here."""

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Open the websocket."""
        await super().get(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Tell this page from now on."""
        super().open(*args, **kwargs)
        self._watcher.listen(self._catalog_is_new)

    def on_message(self, message: str | bytes) -> None:
        """Look at the proposal that the page names."""
        try:
            wanted = json.loads(message)["look"]
            self._watcher.look(self._places.resolve(str(wanted)))
        except (HTTPError, ValueError, KeyError, TypeError) as error:
            self.log.debug("a page asked for what cannot be looked at: %s", error)

    def on_close(self) -> None:
        """Tell this page no more."""
        self._watcher.leave(self._catalog_is_new)
        super().on_close()

    def _catalog_is_new(self, proposal: Path) -> None:
        told = {"event": "catalog", "proposal": self._places.page_path(proposal)}
        try:
            future = self.write_message(json.dumps(told))
            future.add_done_callback(lambda f: f.exception())
        except WebSocketClosedError:
            self._watcher.leave(self._catalog_is_new)

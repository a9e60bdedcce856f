"""Route `events`: one websocket per page that tells what has changed."""

import json
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from daisy_lab.follower import Follower, News, Shown
from daisy_lab.paths import Places
from daisy_lab.progress import Progress
from daisy_lab.watcher import Watcher
from daisy_lab.workers import Pool

NOT_FOUND = 404


class EventsHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """`events`: what has changed, as JSON.

    {"event": "catalog", "proposal"}: a catalogue is new. A page sends
    {"look": proposal} to have a proposal looked at now. {"event": "feed", "proposal"}:
    rules have made something of its scans. {"event": "proposals", "proposal": the data
    folder}: some have come or gone, as the hub grants them.

    {"event": "grew", "path", "node", "dataset", "shape", "written", "growing"}: how
    far a dataset has been written; "replaced" in the same form: there is another file
    in its place; {"event": "lost", "path", "node"}: the file has vanished. A page
    sends {"follow": [{"path", "node"}, ...]} with all that it shows now; without a
    node it is the default dataset.

    {"event": "progress", "ticket", "done", "total"}: how far a picture that was asked
    for with this ticket has come.
    """

    _names: dict[Shown, tuple[str, str]]

    @property
    def _places(self) -> Places:
        places: Places = self.settings["daisy_places"]
        return places

    @property
    def _watcher(self) -> Watcher:
        watcher: Watcher = self.settings["daisy_watcher"]
        return watcher

    @property
    def _follower(self) -> Follower:
        follower: Follower = self.settings["daisy_follower"]
        return follower

    @property
    def _progress(self) -> Progress:
        progress: Progress = self.settings["daisy_progress"]
        return progress

    def set_default_headers(self) -> None:
        """Headers of answers make no sense here."""

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Open the websocket."""
        await super().get(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Tell this page from now on."""
        super().open(*args, **kwargs)
        self._names = {}
        self._watcher.listen(self._proposal_is_new)
        self._progress.listen(self._has_come)
        # the page has been drawn: now it delays nothing
        pool: Pool = self.settings["daisy_pool"]
        pool.warm()

    def on_message(self, message: str | bytes) -> None:
        """Look at the proposal that the page names, or follow what it shows."""
        try:
            wanted = json.loads(message)
            if "follow" in wanted:
                self._follow(
                    [(str(s["path"]), str(s["node"])) for s in wanted["follow"]]
                )
            else:
                self._watcher.look(self._places.resolve(str(wanted["look"])))
        except (HTTPError, ValueError, KeyError, TypeError) as error:
            self.log.debug("a page asked for what cannot be looked at: %s", error)

    def on_close(self) -> None:
        """Tell this page no more."""
        self._leave()
        super().on_close()

    def _leave(self) -> None:
        self._watcher.leave(self._proposal_is_new)
        self._progress.leave(self._has_come)
        self._follower.follow(self._has_grown, set())

    def _follow(self, shown: list[tuple[str, str]]) -> None:
        self._names = {}
        for path, node in shown:
            try:
                file = self._places.resolve(path)
            except HTTPError as error:
                if error.status_code == NOT_FOUND:
                    self._tell({"event": "lost", "path": path, "node": node})
                continue
            self._names[Shown(str(file), node)] = (path, node)
        self._follower.follow(self._has_grown, set(self._names))

    def _has_grown(self, shown: Shown, news: News) -> None:
        path, node = self._names[shown]
        self._tell({**news, "path": path, "node": node})

    def _proposal_is_new(self, what: str, proposal: Path) -> None:
        self._tell({"event": what, "proposal": self._places.page_path(proposal)})

    def _has_come(self, ticket: str, done: int, total: int) -> None:
        told = {"event": "progress", "ticket": ticket, "done": done, "total": total}
        self._tell(told)

    def _tell(self, told: News) -> None:
        try:
            future = self.write_message(json.dumps(told))
            future.add_done_callback(lambda f: f.exception())
        except WebSocketClosedError:
            self._leave()

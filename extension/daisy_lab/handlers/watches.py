"""Route `watches`: who watches a proposal also when nobody is logged in."""

from collections.abc import Callable

from tornado.web import HTTPError, authenticated

from daisy_kernel.catalog import watches
from daisy_kernel.model.errors import WatchRefused
from daisy_lab.handlers.base import Handler, errors_in_one_place
from daisy_lab.kept import Kept

REFUSED = 409


class WatchesHandler(Handler):
    """`watches?proposal`; POST {proposal, keep} begins or ends one's own watch.

    {"available", "watches": [{"user", "since", "state", "yours"}]}: not available
    without a hub, which would keep the watch, and to who is no member.
    """

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List who watches the proposal."""
        name = self._name(self.get_query_argument("proposal"))
        if not watches.is_kept_here():
            self.send({"available": False, "watches": []})
            return
        await self._tell(name, watches.kept_watches)

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Choose for oneself."""
        wanted = self.get_json_body() or {}
        name = self._name(str(wanted.get("proposal") or ""))
        keep = wanted.get("keep")
        if not isinstance(keep, bool):
            raise HTTPError(400, "keep is neither true nor false")
        change = watches.keep_watch if keep else watches.end_watch
        await self._tell(name, change, name)

    def _name(self, text: str) -> str:
        """Name the proposal as the hub does."""
        named = self.places.code_path(self.places.resolve(text))
        parts = named.split("/")
        if named.startswith("/") or len(parts) != 2:  # noqa: PLR2004
            raise HTTPError(400, f"{text} is no proposal: it is <beamline>/<proposal>")
        return named

    async def _tell(
        self,
        name: str,
        what: Callable[..., watches.Watches],
        *proposal: str,
    ) -> None:
        kept: Kept = self.settings["daisy_kept"]
        try:
            found = await kept.ask(what, *proposal)
        except WatchRefused as refused:
            self.fail(REFUSED, "WatchRefused", str(refused))
            return
        told = [vars(watch) for watch in found.kept if watch.proposal == name]
        self.send({"available": name in found.proposals, "watches": told})

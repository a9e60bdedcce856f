"""Route `clusters`: the user's Dask clusters: list, scale, stop."""

from collections.abc import Awaitable
from dataclasses import asdict
from typing import TypeVar

from tornado.web import HTTPError, authenticated

from daisy_lab import clusters
from daisy_lab.handlers.base import Handler, errors_in_one_place

REFUSED = 409
T = TypeVar("T")


class ClustersHandler(Handler):
    """`clusters`; POST {name, workers} scales, DELETE `?name` stops.

    {"available", "note", "clusters": [{"name", "state", "workers", "wanted", "most",
    "started", "page"}]}: not available without a gateway; note is what the gateway says
    of a wish that it has granted in part.
    """

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List."""
        await self._tell()

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Ask for workers."""
        wanted = self.get_json_body() or {}
        name, workers = str(wanted.get("name") or ""), wanted.get("workers")
        if type(workers) is not int or not 0 <= workers <= clusters.MANY_WORKERS:
            raise HTTPError(400, "workers is no count")
        note = await self._asked(clusters.scale(name, workers))
        if note is not None:
            await self._tell(note)

    @authenticated
    @errors_in_one_place
    async def delete(self) -> None:
        """Stop one."""
        stopped = clusters.stop(self.get_query_argument("name"))
        if await self._asked(_true(stopped)):
            await self._tell()

    async def _tell(self, note: str = "") -> None:
        if not clusters.are_here():
            self.send({"available": False, "note": "", "clusters": []})
            return
        found = await self._asked(clusters.clusters())
        if found is not None:
            told = [asdict(cluster) for cluster in found]
            self.send({"available": True, "note": note, "clusters": told})

    async def _asked(self, question: Awaitable[T]) -> T | None:
        """Ask the gateway; None where that failed, which has been answered then."""
        try:
            return await question
        except clusters.ClustersUnavailable as error:
            self.fail(REFUSED, "ClustersUnavailable", str(error))
            return None


async def _true(action: Awaitable[None]) -> bool:
    await action
    return True

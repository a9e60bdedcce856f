"""Route `room`: what home, results and clusters take, of what they may."""

import os
import time
from pathlib import Path
from typing import Any

from tornado.web import authenticated

from daisy_lab import clusters
from daisy_lab.handlers.base import Handler, errors_in_one_place

KEPT = 300.0  # seconds for which a number holds
HOME, PROCESSED = "DAISY_HOME_QUOTA", "DAISY_PROCESSED_QUOTA"


class RoomHandler(Handler):
    """`room`: the home; with `all`, also results and clusters.

    {"home", "processed", "clusters"}: a place is {"name", "used", "free", "partial",
    "quota"}, in bytes; quota is None where none is set, partial says that not all was
    seen in the time there was. `clusters` is {"month", "hours": [{"who", "hours",
    "most"}], "problem"}, None without a gateway.
    """

    pool_name = "daisy_export_pool"

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Measure, or tell what was measured a short while ago."""
        home = await self._place("Home", self.places.home.resolve(), HOME)
        if not self.text("all"):
            self.send({"home": home, "processed": [], "clusters": None})
            return
        results = [
            await self._place(f"{p['beamline']}/{p['name']}", folder, PROCESSED)
            for p in await self.proposals()
            if os.access(folder := Path(p["path"]) / "processed", os.W_OK)
        ]
        self.send({"home": home, "processed": results, "clusters": await _hours()})

    async def _place(self, name: str, folder: Path, quota: str) -> dict[str, Any]:
        known: dict[Path, tuple[float, dict[str, Any]]] = self.settings["daisy_room"]
        at, size = known.get(folder, (0.0, {}))
        if not size or time.monotonic() - at > KEPT:
            size = (await self.ask("size", path=str(folder))).value
            known[folder] = time.monotonic(), size
        most = os.environ.get(quota)
        return {"name": name, **size, "quota": int(most) if most else None}


async def _hours() -> dict[str, Any] | None:
    if not clusters.are_here():
        return None
    try:
        return {**await clusters.usage(), "problem": ""}
    except clusters.ClustersUnavailable as error:
        return {"month": "", "hours": [], "problem": str(error)}

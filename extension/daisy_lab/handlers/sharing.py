"""Routes of shared notebooks: publish one, bring a copy up to date."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tornado.web import HTTPError, authenticated

from daisy_kernel.jupyter import gallery
from daisy_kernel.model.errors import GalleryRefused
from daisy_lab.handlers.base import Handler, errors_in_one_place
from daisy_lab.notebooks import Template

REFUSED = 409
SHARED = "shared:"  # what the id of a card begins with


@dataclass(frozen=True)
class Named:
    """A shared notebook as the id of a card names it: `shared:B7/2026-0042/rings`."""

    proposal: str
    name: str


def named(card: str) -> Named | None:
    """Read the id of a card; None where it is one of DAISY's own templates."""
    if not card.startswith(SHARED):
        return None
    proposal, _, name = card.removeprefix(SHARED).rpartition("/")
    return Named(proposal, name)


def cards(templates: list[Template]) -> list[dict[str, str]]:
    """List what the launcher shows: DAISY's templates, then what proposals share."""
    own = [
        {
            "id": t.id,
            "title": t.title,
            "description": t.description,
            "technique": t.technique,
            "proposal": "",
        }
        for t in templates
    ]
    theirs = [
        {
            "id": f"{SHARED}{s.proposal}/{s.name}",
            "title": s.title,
            "description": (
                f"{s.proposal}: version {s.version} by {s.by}, {s.when[:10]}. {s.note}"
            ),
            "technique": "",
            "proposal": s.proposal,
        }
        for s in gallery.shared()
    ]
    return own + theirs


class ShareHandler(Handler):
    """`share` (POST {path, proposal, note, outputs}): publish a notebook.

    {"name", "version"}: as members find it.
    """

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Publish."""
        wanted = self.get_json_body() or {}
        path = self.places.resolve(str(wanted.get("path") or ""))
        proposal, note = (
            str(wanted.get("proposal") or ""),
            str(wanted.get("note") or ""),
        )
        outputs = wanted.get("outputs", True)
        if not isinstance(outputs, bool):
            raise HTTPError(400, "outputs is neither true nor false")

        def publish() -> gallery.Shared:
            return gallery.publish(path, proposal, note=note, outputs=outputs)

        made = await self._asked(publish)
        if made is not None:
            self.send({"name": made.name, "version": made.version})

    async def _asked(self, work: Callable[[], Any]) -> Any:
        """Do it beside the loop; a refusal is an answer."""
        try:
            return await asyncio.to_thread(work)
        except GalleryRefused as refused:
            self.fail(REFUSED, "GalleryRefused", str(refused))
            return None


class UpdateHandler(ShareHandler):
    """`share/update` (POST {path}): bring a copy up to date.

    {"path"}: the file that has the newest version; another one where the copy has
    changes of one's own, which stay.
    """

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Update."""
        wanted = self.get_json_body() or {}
        path = self.places.resolve(str(wanted.get("path") or ""))
        updated: Path | None = await self._asked(lambda: gallery.update(path))
        if updated is not None:
            self.send({"path": self.places.page_path(updated)})
